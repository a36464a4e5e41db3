import { Cancelled, type Context } from '../base/context.ts';
import { hasErrors, type Issue, issue } from '../base/issue.ts';
import { InputError } from '../base/result.ts';
import type { Fabric } from '../fabric/types.ts';
import { levelCables } from '../fabric/up-down-order.ts';
import type { NextHops, TableRoutes } from '../routes/types.ts';
import { type Backup, BackupTally, backupTables, singleFailures } from '../routing/backups.ts';
import { flowBasedRoutes, patternOfFlows } from '../routing/flow-based.ts';
import { smallestLimits } from '../routing/limits.ts';
import { patternTables, routePatterns } from '../routing/patterns.ts';
import type { BackupSummary, FlowRouting, PatternRouting, TrafficDemand } from '../routing/types.ts';
import { routingIssues } from './fabric-job.ts';

/** What `planewright route` may be asked for besides tables; undefined: not asked. */
export interface RouteChoices {
  readonly lmc?: number | undefined;
  readonly valleys?: 'lane' | 'omit' | undefined;
  readonly repair?: 'few' | 'even' | undefined;
  readonly backup?: boolean | undefined;
  readonly upDown?: boolean | undefined;
  readonly flowBased?: boolean | undefined;
}

/** How whoever asks writes an option: '--lmc 2' for the command. */
export type OptionName = (name: 'tables' | keyof RouteChoices, value?: string | number) => string;

/** What the transport, or the choices together, cannot do: all of it at once. */
export function routeClashes(
  { name, transport }: Fabric,
  { lmc, repair, backup, upDown, flowBased }: RouteChoices,
  hasTables: boolean,
  say: OptionName,
): Issue[] {
  const issues: Issue[] = [];
  const roce = transport !== 'infiniband';
  const add = (code: string, message: string, found: string, hint: string): void => {
    issues.push(issue({ code, message, found, hint }));
  };
  if (roce && backup)
    add(
      'transport-cannot',
      `${name} is RoCE: its switches have no forwarding tables by LID for OpenSM to load`,
      say('backup'),
      'RoCE switches route around a dead port by themselves',
    );
  if (roce && lmc !== undefined)
    add('transport-cannot', `${name} is RoCE: it has no LIDs`, say('lmc', lmc), `leave ${say('lmc')} out`);
  if (repair !== undefined && !hasTables)
    add(
      'no-tables',
      'there are no tables to repair',
      say('repair'),
      `give the current tables: ${say('tables', 'FILE')}`,
    );
  if (repair !== undefined && lmc !== undefined)
    add(
      'options-clash',
      'a repair keeps the LIDs of the current tables',
      say('lmc', lmc),
      'leave one of them out',
    );
  if (upDown && (lmc !== undefined || hasTables || backup))
    add(
      'options-clash',
      'on wiring that is no tree there are plain tables only',
      `${say('upDown')} with ${say('lmc')}, ${say('tables')} or ${say('backup')}`,
      'leave them out',
    );
  const asked = { tables: hasTables, repair: repair !== undefined, backup, lmc: lmc !== undefined };
  const clash = Object.entries(asked).filter(([, is]) => is);
  if (flowBased && clash.length > 0)
    add(
      'options-clash',
      'flow-based routing pins paths: there are no tables by destination to choose',
      clash.map(([option]) => say(option as keyof typeof asked)).join(', '),
      `leave them out, or leave out ${say('flowBased')}`,
    );
  return issues;
}

export interface RouteInput {
  /** The fabric less what is taken out; `intact` is as read. */
  readonly fabric: Fabric;
  readonly intact: Fabric;
  readonly hops: NextHops;
  readonly demands: readonly TrafficDemand[];
  readonly current: readonly TableRoutes[] | null;
}

/**
 * One set of tables for all demands, as chosen, and warnings of gaps. Throws an InputError where a switch cannot hold them,
 * and where the wiring is no tree and some pairs would have no way.
 */
export async function makeTables(
  input: RouteInput,
  { lmc, valleys, repair, upDown }: RouteChoices,
  context: Context,
): Promise<{ readonly routing: PatternRouting; readonly issues: readonly Issue[] }> {
  const choices = { lmc: lmc ?? 0, valleys: valleys ?? 'lane', repair: repair ?? null } as const;
  const routing = await routePatterns({ ...input, choices, ordered: upDown ?? false }, context);
  refuseNoTree(input.fabric, routing);
  const issues = routingIssues(routing);
  if (hasErrors(issues)) throw new InputError(issues);
  return { routing, issues };
}

/** Tables with pairs that only cables outside the tree join would have holes. */
function refuseNoTree(fabric: Fabric, { after }: PatternRouting): void {
  const level = levelCables(fabric);
  if (after.verification.unreachablePairs === 0 || level === 0) return;
  throw new InputError([
    issue({
      code: 'no-tree',
      message: `the wiring of ${fabric.name} is no tree: ${level} cables join switches of one tier, and ${after.verification.unreachablePairs} pairs have no up/down path`,
      hint: 'give --up-down: switches are ordered from a root, every cable is used, and nothing can deadlock',
    }),
  ]);
}

/** A path for each flow, over tables for the rest. Throws an InputError where the demand is more than flows. */
export function pinFlows(
  { fabric, hops, demands }: RouteInput,
  { catalog }: Context,
): { readonly flows: number; readonly routing: FlowRouting; readonly limit: number } {
  const merged = demands.filter((d) => d.merged).map((d) => d.label);
  if (merged.length > 0)
    throw new InputError([
      issue({
        code: 'too-many-flows',
        message: `${merged.join(', ')} on a fabric of this size is more flows than any switch holds pins`,
        hint: 'name a sparse traffic: permutation, shift:N, or a matrix',
      }),
    ]);
  const pattern = patternOfFlows(demands.map((d) => d.flows));
  const [base] = patternTables({ fabric, hops, demands }, { lmc: 0, valleys: 'lane' });
  const limits = smallestLimits(fabric.transport, catalog);
  const routing = flowBasedRoutes(fabric, hops, pattern, base!, limits);
  if (!routing.ok) throw new InputError(routing.issues);
  return { flows: pattern.src.length, routing: routing.value, limit: limits.policyEntries };
}

/** Tables for every single failure one after the other, counted in `tally`. */
export async function* backupsInTurn(
  { fabric, hops }: Pick<RouteInput, 'fabric' | 'hops'>,
  byOffset: readonly TableRoutes[],
  tally: BackupTally,
  { progress, cancelled, pause }: Context,
): AsyncGenerator<Backup> {
  const failures = singleFailures(fabric).length;
  let done = 0;
  for (const backup of backupTables(fabric, hops, byOffset)) {
    tally.add(backup);
    yield backup;
    progress({ stage: 'backups', fraction: ++done / failures, note: backup.part });
    await pause?.();
    if (cancelled()) throw new Cancelled();
  }
}

/** What the backups cost, without the tables themselves. */
export async function summariseBackups(
  input: Pick<RouteInput, 'fabric' | 'hops'>,
  byOffset: readonly TableRoutes[],
  context: Context,
): Promise<readonly BackupSummary[]> {
  const tally = new BackupTally();
  for await (const _ of backupsInTurn(input, byOffset, tally, context));
  return tally.summaries;
}
