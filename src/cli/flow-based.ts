import type { Context } from '../base/context.ts';
import { issue } from '../base/issue.ts';
import { InputError } from '../base/result.ts';
import type { Fabric } from '../fabric/types.ts';
import { writeRoutesJson } from '../formats/routes-json.ts';
import { serialise } from '../numeric/serialise.ts';
import { flowJson, flowSection } from '../report/backups.ts';
import type { NextHops } from '../routes/types.ts';
import { flowBasedRoutes, patternOfFlows } from '../routing/flow-based.ts';
import { smallestLimits } from '../routing/limits.ts';
import { patternTables } from '../routing/patterns.ts';
import type { TrafficDemand } from '../routing/types.ts';
import { draw } from './draw.ts';
import { expectValue } from './fabric-input.ts';
import { writeFile } from './output.ts';
import { isJson } from './route-output.ts';

export interface FlowInput {
  readonly fabric: Fabric;
  readonly hops: NextHops;
  readonly demands: readonly TrafficDemand[];
  readonly out?: string;
  readonly json?: boolean;
}

/** `route --flow-based`: a path for each flow, over tables for the rest. */
export function routeFlows({ fabric, hops, demands, out, json }: FlowInput, context: Context): void {
  refuseMerged(demands, out);
  const pattern = patternOfFlows(demands.map((d) => d.flows));
  const [base] = patternTables({ fabric, hops, demands }, { lmc: 0, valleys: 'lane' });
  const limits = smallestLimits(fabric.transport, context.catalog);
  const routing = expectValue(flowBasedRoutes(fabric, hops, pattern, base!, limits));
  if (out !== undefined) expectValue(writeFile(out, writeRoutesJson(fabric, routing.routes)));
  if (out === '-') return;
  const result = { flows: pattern.src.length, routing, limit: limits.policyEntries };
  if (json) process.stdout.write(`${serialise(flowJson(result), 2)}\n`);
  else draw(`Routed: ${fabric.name}`, [flowSection(result)]);
}

function refuseMerged(demands: readonly TrafficDemand[], out: string | undefined): void {
  const merged = demands.filter((d) => d.merged).map((d) => d.label);
  const issues = [];
  if (merged.length > 0)
    issues.push(
      issue({
        code: 'too-many-flows',
        message: `${merged.join(', ')} on a fabric of this size is more flows than any switch holds pins`,
        hint: 'name a sparse traffic: permutation, shift:N, or a matrix',
      }),
    );
  if (out !== undefined && out !== '-' && !isJson(out))
    issues.push(
      issue({
        code: 'no-such-text',
        message: 'pinned paths have no text of OpenSM',
        found: `--out ${out}`,
        hint: 'give a name that ends in .json',
      }),
    );
  if (issues.length > 0) throw new InputError(issues);
}
