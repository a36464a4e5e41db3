import { linkName } from '../fabric/names.ts';
import type { Flows } from '../fabric/types.ts';
import { adaptiveShare } from '../flow/adaptive.ts';
import type { FlowLoads, LinkLoad } from '../flow/types.ts';
import { flowUnits } from '../flow/units.ts';
import type { AdaptiveRoutes, EcmpRoutes, TableRoutes } from '../routes/types.ts';
import { type EndpointRanks, formatRanks } from './ranks.ts';
import type { Cause, HotLink, HotPath } from './types.ts';

export interface HotInput {
  readonly engine: FlowLoads;
  readonly routes: TableRoutes | EcmpRoutes | AdaptiveRoutes;
  /** Of the whole step under `routes`. */
  readonly load: LinkLoad;
  /** Live links between switches. */
  readonly links: Uint32Array;
  readonly ranks: EndpointRanks;
  /** How many links and how many paths. */
  readonly top: number;
}

/** Causes named of one link or path. */
const CAUSES = 5;

/** The hottest links (lowest id first where they tie) with what causes their load. O(links + flows * hops). */
export function hotLinks(input: HotInput): HotLink[] {
  const { load, links } = input;
  const { fabric, flows, leaving } = input.engine;
  const seconds = (l: number): number => load[l]! / fabric.linkRate[l]!;
  const hot = largest(links.length, input.top, (i) => seconds(links[i]!)).map((i) => links[i]!);
  if (hot.length === 0) return [];
  const slot = new Int32Array(fabric.links).fill(-1);
  for (const [i, l] of hot.entries()) slot[l] = i;
  const tallies = hot.map(() => new Tally(flows.operations.length));
  const crossings = crossingsOf(input, hot, slot);
  for (const f of leaving.flow) {
    crossings(f, (i, bytes) => tallies[i]!.add(flows.operation[f]!, flows.src[f]!, bytes));
  }
  const most = seconds(hot[0]!);
  return hot.map((l, i) => ({
    link: linkName(fabric, l),
    utilisation: seconds(l) / most,
    seconds: seconds(l),
    bytes: load[l]!,
    causes: tallies[i]!.causes(flows, input.ranks),
  }));
}

/** The NIC pairs whose way crosses the hottest links, the heavier first. O(flows * hops). */
export function hotPaths(input: HotInput): HotPath[] {
  const { load, links } = input;
  const { fabric, hops, flows } = input.engine;
  const units = flowUnits(input.engine, 'pair');
  let most = 0;
  for (let i = 0; i < links.length; i++)
    most = Math.max(most, load[links[i]!]! / fabric.linkRate[links[i]!]!);
  if (most === 0) return [];
  const heat = heatOf(input);
  const seconds = new Float64Array(units.count);
  const hottest = new Int32Array(units.count).fill(-1);
  for (let u = 0; u < units.count; u++) {
    for (let i = units.start[u]!; i < units.start[u + 1]!; i++) {
      const link = heat(units.flow[i]!);
      const s = link < 0 ? 0 : load[link]! / fabric.linkRate[link]!;
      if (s > seconds[u]!) {
        seconds[u] = s;
        hottest[u] = link;
      }
    }
  }
  const top = largest(
    units.count,
    input.top,
    (u) => seconds[u]!,
    (u) => units.bytes[u]!,
  );
  return top.map((u) => {
    const tally = new Tally(flows.operations.length);
    for (let i = units.start[u]!; i < units.start[u + 1]!; i++) {
      const f = units.flow[i]!;
      tally.add(flows.operation[f]!, flows.src[f]!, flows.bytes[f]!);
    }
    const from = units.source[u]!;
    const to = units.dst[u]!;
    return {
      from: fabric.names[from]!,
      to: fabric.names[to]!,
      fromLeaf: fabric.names[hops.leafOf[from]!]!,
      toLeaf: fabric.names[hops.leafOf[to]!]!,
      bytes: units.bytes[u]!,
      hottest: linkName(fabric, hottest[u]!),
      utilisation: seconds[u]! / most,
      causes: tally.causes(flows, input.ranks),
    };
  });
}

/** Bytes and senders by operation. */
class Tally {
  readonly #bytes: Float64Array;
  readonly #senders: (Set<number> | null)[];

  constructor(operations: number) {
    this.#bytes = new Float64Array(operations);
    this.#senders = new Array<null>(operations).fill(null);
  }

  add(operation: number, src: number, bytes: number): void {
    this.#bytes[operation]! += bytes;
    this.#senders[operation] ??= new Set();
    this.#senders[operation].add(src);
  }

  causes(flows: Flows, ranks: EndpointRanks): Cause[] {
    const total = this.#bytes.reduce((a, b) => a + b, 0);
    return largest(this.#bytes.length, CAUSES, (o) => this.#bytes[o]!).map((o) => {
      const senders: number[] = [];
      for (const e of this.#senders[o]!) {
        for (let i = ranks.start[e]!; i < ranks.start[e + 1]!; i++) senders.push(ranks.rank[i]!);
      }
      return { operation: flows.operations[o]!, ranks: formatRanks(senders), share: this.#bytes[o]! / total };
    });
  }
}

/** Indexes of the n largest positive keys, by falling key, then falling second key, then rising index. O(count * n). */
function largest(
  count: number,
  n: number,
  key: (i: number) => number,
  second: (i: number) => number = () => 0,
): number[] {
  const top: number[] = [];
  const before = (a: number, b: number): boolean => {
    const difference = key(a) - key(b) || second(a) - second(b);
    return difference > 0 || (difference === 0 && a < b);
  };
  for (let i = 0; i < count; i++) {
    if (!(key(i) > 0)) continue;
    if (top.length === n && !before(i, top[n - 1]!)) continue;
    let at = top.length;
    while (at > 0 && before(i, top[at - 1]!)) at--;
    top.splice(at, 0, i);
    if (top.length > n) top.pop();
  }
  return top;
}

/** Tells, for a flow, which of the hot links (by slot) it crosses with how many bytes. */
function crossingsOf(input: HotInput, hot: readonly number[], slot: Int32Array) {
  const { routes } = input;
  const { fabric, hops, flows } = input.engine;
  if (routes.kind === 'adaptive') {
    const share = memoised(input.engine, (from, leaf) =>
      hot.map((l) => adaptiveShare(fabric, hops, from, leaf, l)),
    );
    return (f: number, visit: (slot: number, bytes: number) => void): void => {
      const shares = share(f);
      if (shares === null) return;
      for (let i = 0; i < shares.length; i++) if (shares[i]! > 0) visit(i, shares[i]! * flows.bytes[f]!);
    };
  }
  const walks = input.engine.walks(routes);
  return (f: number, visit: (slot: number, bytes: number) => void): void => {
    walks.each(f, (link, bytes) => {
      if (slot[link]! >= 0) visit(slot[link]!, bytes);
    });
  };
}

/** The hottest link on a flow's way, -1 when it has none. */
function heatOf(input: HotInput): (flow: number) => number {
  const { routes, load } = input;
  const { fabric, hops } = input.engine;
  const hotter = (a: number, b: number): number =>
    a < 0 || (b >= 0 && load[b]! / fabric.linkRate[b]! > load[a]! / fabric.linkRate[a]!) ? b : a;
  if (routes.kind !== 'adaptive') {
    const walks = input.engine.walks(routes);
    return (f) => {
      let hot = -1;
      walks.each(f, (link) => {
        hot = hotter(hot, link);
      });
      return hot;
    };
  }
  const search = (node: number, leaf: number): number => {
    let hot = -1;
    const list = node === leaf ? 0 : hops.list(node, leaf);
    for (let c = 1; c <= hops.pool[list]!; c++) {
      const link = hops.pool[list + c]!;
      hot = hotter(hotter(hot, link), search(fabric.linkTo[link]!, leaf));
    }
    return hot;
  };
  const found = memoised(input.engine, search);
  return (f) => found(f) ?? -1;
}

/** A function of (source leaf, destination leaf), asked by flow and worked out once a pair; null under one leaf. */
function memoised<T>(
  { fabric, hops, flows }: FlowLoads,
  compute: (from: number, leaf: number) => T,
): (flow: number) => T | null {
  const known = new Map<number, T>();
  return (f) => {
    const from = hops.leafOf[flows.src[f]!]!;
    const leaf = hops.leafOf[flows.dst[f]!]!;
    if (from < 0 || leaf < 0 || from === leaf) return null;
    const key = from * fabric.nodes + leaf;
    let value = known.get(key);
    if (value === undefined) {
      value = compute(from, leaf);
      known.set(key, value);
    }
    return value;
  };
}
