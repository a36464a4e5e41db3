import { type Issue, issue } from '../base/issue.ts';
import { ok, type Result } from '../base/result.ts';
import { overPlanes } from '../fabric/nics.ts';
import { patternFlows } from '../fabric/pattern-flows.ts';
import { railsOf } from '../fabric/rails.ts';
import type { Fabric, Flows } from '../fabric/types.ts';
import { readHtsimCm } from '../formats/htsim-cm.ts';
import { readMatrixCsv } from '../formats/matrix-csv.ts';
import type { Chunks } from '../formats/types.ts';
import type { PatternRouting, TrafficDemand } from '../routing/types.ts';
import { parseTraffic } from '../traffic/request.ts';
import type { TrafficRequest } from '../traffic/types.ts';

export type FileRequest = Exclude<TrafficRequest, { readonly kind: 'pattern' }>;

export interface DemandOptions {
  readonly seed: number;
  /** Whether senders below one leaf may stand as one: see patternFlows. */
  readonly merge: 'always' | 'when large' | 'never';
  /** The demand that a file stands for, and the name that issues give it. May throw an InputError. */
  readonly open: (request: FileRequest) => { readonly chunks: Chunks; readonly label: string };
}

/**
 * What a text of the traffic vocabulary names, as flows on this fabric. Issues: unknown words all at once, then those
 * of each file, then misfits.
 */
export async function trafficDemands(
  text: string,
  fabric: Fabric,
  options: DemandOptions,
): Promise<Result<readonly TrafficDemand[]>> {
  const requests = parseTraffic(text);
  if (!requests.ok) return requests;
  const rails = railsOf(fabric);
  const demands: TrafficDemand[] = [];
  const warnings: Issue[] = [];
  for (const request of requests.value) {
    const { label, priority } = request;
    if (request.kind === 'pattern') {
      const made = patternFlows(fabric, rails, request.spec, { ...options, label });
      if (!made.ok) return made;
      demands.push({ label, priority, unit: true, ...made.value });
      warnings.push(...made.issues);
      continue;
    }
    const flows = await readFlows(request, fabric, options);
    if (!flows.ok) return flows;
    demands.push({ label, priority, unit: false, merged: false, flows: flows.value });
    warnings.push(...flows.issues);
  }
  return ok(demands, warnings);
}

async function readFlows(
  request: FileRequest,
  fabric: Fabric,
  options: DemandOptions,
): Promise<Result<Flows>> {
  const { chunks, label } = options.open(request);
  if (request.kind !== 'flows') return readMatrixCsv(chunks, label, fabric);
  const schedule = await readHtsimCm(chunks, label, fabric);
  return schedule.ok ? ok(overPlanes(fabric, schedule.value.flows).flows, schedule.issues) : schedule;
}

/** What whoever loads these tables must know: an error where a switch cannot hold them, warnings of gaps. */
export function routingIssues({ after, demands, entriesLimit }: PatternRouting): Issue[] {
  const { entriesMax, unreachablePairs, pairs, deadEndpoints } = after.verification;
  if (entriesMax > entriesLimit) {
    return [
      issue({
        code: 'too-many-table-entries',
        message: `a switch would need ${entriesMax} table entries`,
        allowed: `${entriesLimit} entries`,
        hint: 'use more planes',
      }),
    ];
  }
  const gaps: Issue[] = [];
  const gap = (code: string, message: string): void => {
    gaps.push(issue({ code, severity: 'warning', message }));
  };
  if (unreachablePairs > 0)
    gap('unreachable-pairs', `${unreachablePairs} of ${pairs} (leaf, endpoint) pairs have no up/down path`);
  if (deadEndpoints > 0) gap('dead-endpoints', `${deadEndpoints} endpoints have no live cable`);
  for (const { label, unroutable } of demands)
    if (unroutable > 0)
      gap('unroutable-flows', `no up/down path joins the ends of ${unroutable} flows of ${label}`);
  return gaps;
}
