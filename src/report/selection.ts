import { linkName } from '../fabric/names.ts';
import type { Fabric, Flows } from '../fabric/types.ts';
import { type FlowPaths, flowPaths } from '../flow/paths.ts';
import type { LinkLoad } from '../flow/types.ts';
import type { NextHops, Routes } from '../routes/types.ts';
import { formatBytes, formatCount, formatLineRate, formatPercent } from '../units/format.ts';
import { tree } from './charts/tree.ts';
import type { Chart } from './charts/types.ts';
import { type Cell, left, type Quantity, quantity, right, type Section } from './types.ts';

/** One routing of one demand on one fabric, with the way of every flow: what a click on a map asks. */
export interface Carried {
  readonly fabric: Fabric;
  readonly flows: Flows;
  readonly load: LinkLoad;
  readonly ways: FlowPaths;
  /** What flows are counted in: bytes of a step, or pairs of endpoints that exchange one unit. */
  readonly unit: 'bytes' | 'pairs';
}

export function carry(
  fabric: Fabric,
  hops: NextHops,
  flows: Flows,
  routes: Routes,
  load: LinkLoad,
  unit: Carried['unit'] = 'bytes',
): Carried {
  return { fabric, flows, load, ways: flowPaths(fabric, hops, flows, routes), unit };
}

/** What flows carry, as a cell and in words. */
export function amount({ unit }: Carried, x: number): Quantity {
  return unit === 'bytes' ? quantity(x, 'bytes') : quantity(Math.round(x), 'count');
}

export function amountText({ unit }: Carried, x: number): string {
  return unit === 'bytes' ? formatBytes(x) : `${formatCount(Math.round(x))} ${x > 1 ? 'pairs' : 'pair'}`;
}

/** A flow on the selected links, and how much of it is there. */
interface Crossing {
  readonly flow: number;
  readonly bytes: number;
}

export interface LinkSelection {
  readonly facts: Section;
  readonly operations: Section;
  /** The heaviest flows; `pairs[i]` are the endpoints of row i. */
  readonly flows: Section;
  readonly pairs: readonly (readonly [src: number, dst: number])[];
}

const LISTED = 12;

/** Bytes that some links carry, by operation and by pair of endpoints, the heavier first. */
export interface Users {
  readonly operations: readonly {
    readonly operation: string;
    readonly bytes: number;
    readonly flows: number;
  }[];
  readonly pairs: readonly {
    readonly src: number;
    readonly dst: number;
    readonly operation: string;
    readonly bytes: number;
  }[];
  readonly flows: number;
}

/** O(flows * hops). */
export function usersOf(carried: Carried, links: readonly number[]): Users {
  const { flows } = carried;
  const crossing = crossings(carried, new Set(links));
  const bytes = new Float64Array(flows.operations.length);
  const count = new Float64Array(flows.operations.length);
  for (const c of crossing) {
    bytes[flows.operation[c.flow]!]! += c.bytes;
    count[flows.operation[c.flow]!]!++;
  }
  const order = [...bytes.keys()].filter((o) => bytes[o]! > 0).sort((a, b) => bytes[b]! - bytes[a]! || a - b);
  const top = crossing.sort((a, b) => b.bytes - a.bytes || a.flow - b.flow).slice(0, LISTED);
  return {
    operations: order.map((o) => ({ operation: flows.operations[o]!, bytes: bytes[o]!, flows: count[o]! })),
    pairs: top.map(({ flow, bytes: b }) => ({
      src: flows.src[flow]!,
      dst: flows.dst[flow]!,
      operation: flows.operations[flows.operation[flow]!]!,
      bytes: b,
    })),
    flows: crossing.length,
  };
}

/** Who uses some links (the cables of one cell): operations and the heaviest flows. */
export function selectLinks(carried: Carried, links: readonly number[]): LinkSelection {
  const { fabric, load } = carried;
  const users = usersOf(carried, links);
  const bytes = links.reduce((sum, l) => sum + load[l]!, 0);
  return {
    facts: facts(carried, links, bytes, users.flows),
    operations: {
      id: 'selected-operations',
      title: 'Operations on it',
      columns: [left('operation'), right(carried.unit), right('share'), right('flows')],
      rows: users.operations.map((o) => [
        o.operation,
        amount(carried, o.bytes),
        quantity(bytes > 0 ? o.bytes / bytes : 0, 'percent'),
        quantity(o.flows, 'count'),
      ]),
      notes: [],
    },
    flows: {
      id: 'selected-flows',
      title: 'Heaviest flows on it',
      columns: [left('from'), left('to'), left('operation'), right(carried.unit)],
      rows: users.pairs.map((p) => [
        fabric.names[p.src]!,
        fabric.names[p.dst]!,
        p.operation,
        amount(carried, p.bytes),
      ]),
      notes: [],
    },
    pairs: users.pairs.map(({ src, dst }) => [src, dst] as const),
  };
}

/** How much of each path goes over some links. O(hops of all paths). */
export function sharesOver({ ways }: Carried, wanted: ReadonlySet<number>): Float64Array {
  const { start, link, share } = ways.paths;
  const shareOf = new Float64Array(ways.paths.count);
  for (let p = 0; p < ways.paths.count; p++) {
    for (let i = start[p]!; i < start[p + 1]!; i++)
      if (wanted.has(link[i]!)) shareOf[p]! += share === null ? 1 : share[i]!;
  }
  return shareOf;
}

function crossings(carried: Carried, wanted: ReadonlySet<number>): Crossing[] {
  const { flows, ways } = carried;
  const shareOf = sharesOver(carried, wanted);
  const found: Crossing[] = [];
  let last = -1;
  for (let part = 0; part < ways.parts; part++) {
    const path = ways.path[part]!;
    if (path < 0 || shareOf[path] === 0) continue;
    const flow = ways.flow[part]!;
    const bytes = flows.bytes[flow]! * ways.share[part]! * shareOf[path]!;
    if (last >= 0 && found[last]!.flow === flow) found[last] = { flow, bytes: found[last]!.bytes + bytes };
    else last = found.push({ flow, bytes }) - 1;
  }
  return found;
}

function facts(carried: Carried, links: readonly number[], bytes: number, flows: number): Section {
  const { fabric, load, unit } = carried;
  const alive = links.filter((l) => fabric.linkAlive[l] === 1);
  const seconds = Math.max(0, ...alive.map((l) => load[l]! / fabric.linkRate[l]!));
  const [first] = links;
  const rows: Cell[][] = [
    [
      'cables',
      links.length === alive.length ? quantity(links.length, 'count') : `${alive.length} of ${links.length}`,
    ],
    ['rate of one', first === undefined ? null : formatLineRate(fabric.linkRate[first]!)],
    [unit === 'bytes' ? 'bytes of a step' : 'pairs', amount(carried, bytes)],
    ...(unit === 'bytes' ? [['time at line rate, the fullest', quantity(seconds, 'seconds')] as Cell[]] : []),
    ['flows', quantity(flows, 'count')],
  ];
  const title = first === undefined ? 'No link' : linkName(fabric, first);
  return { id: 'selected-link', title, columns: [left(), right()], rows, notes: [] };
}

/** The way of all flows between two endpoints, hop by hop, as a table and as a drawing. O(flows). */
export function tracePair(carried: Carried, src: number, dst: number): Chart {
  const { fabric, flows, ways, load } = carried;
  const bytes = new Map<number, number>();
  let total = 0;
  for (let part = 0; part < ways.parts; part++) {
    const flow = ways.flow[part]!;
    if (flows.src[flow] !== src || flows.dst[flow] !== dst || ways.path[part]! < 0) continue;
    const mine = flows.bytes[flow]! * ways.share[part]!;
    total += mine;
    const { start, link, share } = ways.paths;
    for (let i = start[ways.path[part]!]!; i < start[ways.path[part]! + 1]!; i++)
      bytes.set(link[i]!, (bytes.get(link[i]!) ?? 0) + mine * (share === null ? 1 : share[i]!));
  }
  const hops = [...bytes].sort(([a], [b]) => order(fabric, a) - order(fabric, b) || a - b);
  const title = `${fabric.names[src]} to ${fabric.names[dst]}`;
  const step = carried.unit === 'bytes' ? ' a step' : '';
  const summary = `Way of ${amountText(carried, total)}${step} from ${title}: ${hops.length} links`;
  return {
    id: 'trace',
    title: `Way from ${title}`,
    summary,
    picture: tree(
      fabric,
      hops.map(([link, b]) => ({
        link,
        share: total > 0 ? b / total : 0,
        says: `${linkName(fabric, link)}: ${amountText(carried, b)}, ${formatPercent(total > 0 ? b / total : 0)}`,
      })),
      summary,
    ),
    table: {
      id: 'trace',
      title: `Way from ${title}`,
      columns: [left('hop'), right(carried.unit), right('of these flows'), right('of the link')],
      rows: hops.map(([link, b]) => [
        linkName(fabric, link),
        amount(carried, b),
        quantity(total > 0 ? b / total : 0, 'percent'),
        quantity(load[link]! > 0 ? b / load[link]! : 0, 'percent'),
      ]),
      notes: [],
    },
  };
}

/** Upward links first, by tier; then downward ones from the top. */
export function order(fabric: Fabric, link: number): number {
  const tier = fabric.tier[fabric.linkFrom[link]!]!;
  return fabric.linkDirection[link] === 1 ? tier : 100 - tier;
}
