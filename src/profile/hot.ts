import { linkName } from '../fabric/names.ts';
import type { Flows } from '../fabric/types.ts';
import type { FlowWalks, LinkLoad, OrderedFlows } from '../flow/types.ts';
import { flowUnits } from '../flow/units.ts';
import { type EndpointRanks, formatRanks } from './ranks.ts';
import type { Cause, HotLink, HotPath } from './types.ts';

export interface HotInput {
  readonly engine: OrderedFlows;
  /** Its flows' ways under the routes that are looked at. */
  readonly walks: FlowWalks;
  /** Of the whole step under these routes. */
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
  const { walks, load, links } = input;
  const { fabric, flows, leaving } = input.engine;
  const seconds = (l: number): number => load[l]! / fabric.linkRate[l]!;
  const hot = largest(links.length, input.top, (i) => seconds(links[i]!)).map((i) => links[i]!);
  if (hot.length === 0) return [];
  const slot = new Int32Array(fabric.links).fill(-1);
  for (const [i, l] of hot.entries()) slot[l] = i;
  const tallies = hot.map(() => new Tally(flows.operations.length));
  for (const f of leaving.flow) {
    walks.each(f, (link, bytes) => {
      if (slot[link]! >= 0) tallies[slot[link]!]!.add(flows.operation[f]!, flows.src[f]!, bytes);
    });
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
  const { walks, load, links } = input;
  const { fabric, hops, flows } = input.engine;
  const heat = load.map((bytes, l) => bytes / fabric.linkRate[l]!);
  let most = 0;
  for (let i = 0; i < links.length; i++) most = Math.max(most, heat[links[i]!]!);
  if (most === 0) return [];
  const units = flowUnits(input.engine, 'pair');
  const seconds = new Float64Array(units.count);
  const hottest = new Int32Array(units.count).fill(-1);
  for (let u = 0; u < units.count; u++) {
    for (let i = units.start[u]!; i < units.start[u + 1]!; i++) {
      walks.each(units.flow[i]!, (link) => {
        if (heat[link]! <= seconds[u]!) return;
        seconds[u] = heat[link]!;
        hottest[u] = link;
      });
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
