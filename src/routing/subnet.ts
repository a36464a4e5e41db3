import { linkName } from '../fabric/names.ts';
import type { Fabric } from '../fabric/types.ts';
import { followAllLids } from '../routes/all-lids.ts';
import { assignLanes } from '../routes/lanes.ts';
import type { LaneAssignment, NextHops, RouteFault, TableRoutes } from '../routes/types.ts';
import { verifyRoutes } from '../routes/verify.ts';
import type { SubnetCheck, TableFault } from './types.ts';

export interface SubnetInput {
  readonly fabric: Fabric;
  readonly hops: NextHops;
  readonly byOffset: readonly TableRoutes[];
  readonly switchRows: readonly Uint16Array[];
  /** Virtual lanes over which the subnet manager spreads paths so that none has a circle. */
  readonly lanes: number;
  /** What reading the tables found, by node ids; `destination` -1 where it is about the switch as a whole. */
  readonly faults: readonly {
    readonly code: string;
    readonly node: number;
    readonly destination: number;
    readonly port: number;
    readonly count: number;
    readonly file: string;
    readonly line: number;
  }[];
}

const EXAMPLES = 5;
/** Links of a cycle that are written out. */
const SHOWN_LINKS = 8;

const FAULTS: Readonly<Record<string, string>> = {
  'missing-port': 'entries on a port without a cable',
  'dead-port': 'entries on a port whose cable is down',
  'own-lid': 'switches that send their own LID out of a port',
  swallowed: "entries that send another's LID to port 0",
  holes: 'destinations without an entry at some switch',
};

/**
 * Everything that can be wrong with the tables of a subnet: entries that lead nowhere, pairs that are not joined (hosts,
 * aggregation nodes, switches; every LID), loops, and waiting in a circle. Says each in a sentence.
 */
export function checkSubnet(input: SubnetInput): SubnetCheck {
  const { fabric, hops } = input;
  const verifications = input.byOffset.map((routes) => verifyRoutes(fabric, routes, hops));
  const lids = followAllLids(fabric, hops, input.byOffset, input.switchRows);
  const faults = faultsOf(input);
  const wrong: string[] = [];
  for (const [offset, v] of verifications.entries()) {
    const which = offset === 0 ? '' : ` (LID + ${offset})`;
    if (v.unreachablePairs > 0)
      wrong.push(
        `${v.unreachablePairs} of ${v.pairs} (leaf, endpoint) pairs are not joined${which}: ${faultTexts(v.examples)}`,
      );
    if (v.unreachableAggregatorPairs > 0) {
      // The examples are shared: those of the hosts, if there are any, come first.
      const such = v.unreachablePairs > 0 ? '' : `: ${faultTexts(v.examples)}`;
      wrong.push(
        `${v.unreachableAggregatorPairs} of ${v.aggregatorPairs} pairs with an aggregation node are not joined${which}${such}`,
      );
    }
  }
  if (lids.unreachableSwitchPairs > 0)
    wrong.push(
      `${lids.unreachableSwitchPairs} of ${lids.switchPairs} (leaf, switch) pairs are not joined: ${faultTexts(lids.examples)}`,
    );
  // A hole that no packet comes by is a count; one that it does is an unjoined pair above.
  for (const f of faults)
    if (f.kind !== FAULTS['holes']) wrong.push(`${f.count} ${f.kind}: ${f.examples.join('; ')}`);
  const lanes = lids.cycle === null ? null : assignLanes(fabric, hops, input.byOffset, input.switchRows);
  if (lids.cycle !== null && (lanes!.lanes === null || lanes!.lanes > input.lanes))
    wrong.push(`${cycleText(fabric, lids.cycle)}; ${lanesText(lanes!)}`);
  return { verifications, lids, faults, lanes, wrong };
}

function faultsOf({ fabric, faults }: SubnetInput): TableFault[] {
  const kinds = new Map<string, { count: number; examples: string[] }>();
  for (const f of faults) {
    const kind = kinds.get(f.code) ?? { count: 0, examples: [] };
    kinds.set(f.code, kind);
    kind.count += f.count;
    if (kind.examples.length >= EXAMPLES) continue;
    const at = f.line > 0 ? `${f.file}:${f.line} ` : '';
    const to = f.destination < 0 ? '' : ` to ${fabric.names[f.destination]}`;
    const what = f.code === 'holes' ? `: ${f.count}` : `${to} by port ${f.port}`;
    kind.examples.push(`${at}${fabric.names[f.node]}${what}`);
  }
  return [...kinds].map(([code, { count, examples }]) => ({ kind: FAULTS[code] ?? code, count, examples }));
}

function faultTexts(examples: readonly RouteFault[]): string {
  const shown = examples.slice(0, EXAMPLES).map((e) => `${e.from} to ${e.to}: ${e.kind} at ${e.at}`);
  return shown.join('; ');
}

function cycleText(fabric: Fabric, cycle: readonly number[]): string {
  const shown = cycle.slice(0, SHOWN_LINKS).map((l) => linkName(fabric, l));
  const rest = cycle.length - shown.length;
  return `not free of deadlock without virtual lanes: ${cycle.length} links wait in a circle: ${shown.join(', ')}${rest > 0 ? `, ${rest} more` : ''}`;
}

function lanesText({ lanes, byLane }: LaneAssignment): string {
  if (lanes === null) return `not even ${byLane.length} virtual lanes would do`;
  const beyond = byLane.slice(1).reduce((sum, n) => sum + n, 0);
  return `${lanes} virtual lanes would do, with ${beyond} of ${byLane[0]! + beyond} paths beyond the first`;
}
