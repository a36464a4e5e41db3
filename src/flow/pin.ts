import { oncePer } from '../base/once.ts';
import type { Fabric, Flows } from '../fabric/types.ts';
import { HAIR } from '../numeric/tolerance.ts';
import type { AdaptiveRoutes, EcmpRoutes, NextHops, PinnedRoutes, TableRoutes } from '../routes/types.ts';
import { busiest } from './bottleneck.ts';
import { type Crossing, SpreadCrossing, WalkedCrossing } from './crossing.ts';
import { loadEngine } from './loads.ts';
import { measure, sameRoutes } from './measure.ts';
import { switchLinks } from './summary.ts';
import { LoadSums } from './sums.ts';
import type { CurvePoint, FlowLoads, FlowWalks, LinkLoad } from './types.ts';
import { type FlowUnits, flowUnits, type UnitKind } from './units.ts';
import { LONGEST_PATH } from './walk.ts';
import { Walks } from './walks.ts';

export type PinBase = TableRoutes | EcmpRoutes | AdaptiveRoutes;

export interface PinOptions {
  /** At most this many pins. */
  readonly count: number;
  /** What the transport can pin: see UnitKind. */
  readonly unit: UnitKind;
  /** Of the same flows on the same base, where they are known already. */
  readonly walks?: FlowWalks;
}

/** One pin: what moved, and the largest load just before and after. */
export interface PinStep {
  /** Endpoint, or switch when the unit is a leaf's. */
  readonly source: number;
  readonly dst: number;
  readonly bytes: number;
  readonly before: number;
  readonly after: number;
}

export interface Pinning {
  readonly routes: PinnedRoutes;
  /** With the first so many pins alone. */
  routesOf(pins: number): PinnedRoutes;
  /** At 0, 1, 2, 4, ... pins and at the last. Ends early where no single pin relieves the hottest link. */
  readonly curve: readonly CurvePoint[];
  readonly steps: readonly PinStep[];
}

/** Units tried on a link, largest first, before it is taken to be beyond help. */
const TRIES = 8;

/**
 * Greedy pinning: take the largest unit that crosses the hottest link and give it the minimal path on which the
 * largest load is least, as long as that relieves the hottest link; again, until `count` pins or no gain.
 * O(flows * hops + pins * (links + flows on the hottest link + minimal paths of a pair)).
 */
export function pinHotPaths(
  fabric: Fabric,
  hops: NextHops,
  flows: Flows,
  base: PinBase,
  options: PinOptions,
): Pinning {
  const engine = loadEngine(fabric, hops, flows);
  const known = pinnings(engine);
  const found = known.find(
    (k) => k.count === options.count && k.unit === options.unit && sameRoutes(k.base, base),
  );
  if (found !== undefined) return found.pinning;
  const pinning = pin(engine, base, options);
  known.push({ base, count: options.count, unit: options.unit, pinning });
  if (known.length > REMEMBERED) known.shift();
  return pinning;
}

/** A plan's profile and its routing ask for the same one. */
const REMEMBERED = 2;

interface KnownPinning extends Pick<PinOptions, 'count' | 'unit'> {
  readonly base: PinBase;
  readonly pinning: Pinning;
}

const pinnings = oncePer((_: FlowLoads): KnownPinning[] => []);

function pin(engine: FlowLoads, base: PinBase, options: PinOptions): Pinning {
  const { fabric } = engine;
  const pinner = new Pinner(engine, base, options);
  const curve: CurvePoint[] = [];
  const steps: PinStep[] = [];
  const links = switchLinks(fabric);
  const none = busiest(fabric, pinner.load, links).seconds;
  let next = 0;
  let now = none;
  for (;;) {
    const pinned = steps.length;
    const step = pinned < options.count ? pinner.relieve(busiest(fabric, pinner.load, links).link) : null;
    if (pinned === next || step === null) {
      curve.push({ pinned, maxLoad: now, ratio: none > 0 ? now / none : 1 });
      next = pinned === 0 ? 1 : 2 * pinned;
    }
    if (step === null) break;
    const after = busiest(fabric, pinner.load, links).seconds;
    steps.push({ ...step, before: now, after });
    now = after;
  }
  const { routes, pairs } = pinner.result();
  return { routes, routesOf: (pins) => firstPairs(routes, pairs[pins]!), curve, steps };
}

function firstPairs(routes: PinnedRoutes, n: number): PinnedRoutes {
  const { base, src, dst, start, links } = routes;
  return {
    kind: 'pinned',
    base,
    src: src.slice(0, n),
    dst: dst.slice(0, n),
    start: start.slice(0, n + 1),
    links: links.slice(0, start[n]),
  };
}

class Pinner {
  /** Of links between switches. */
  readonly load: LinkLoad;
  readonly #fabric: Fabric;
  readonly #hops: NextHops;
  readonly #flows: Flows;
  readonly #base: PinBase;
  readonly #units: FlowUnits;
  readonly #crossing: Crossing;
  /** Links of each pinned unit. */
  readonly #pins = new Map<number, readonly number[]>();
  readonly #path = new Int32Array(LONGEST_PATH);
  #best: number[] = [];
  #bestLoad = 0;

  constructor(engine: FlowLoads, base: PinBase, { unit, walks }: PinOptions) {
    const { fabric, hops, flows } = engine;
    this.#fabric = fabric;
    this.#hops = hops;
    this.#flows = flows;
    this.#base = base;
    this.#units = flowUnits(engine, unit);
    this.load = baseLoad(engine, base);
    this.#crossing =
      base.kind === 'adaptive'
        ? new SpreadCrossing(fabric, hops, this.#units)
        : new WalkedCrossing(fabric, walks ?? new Walks(engine, base), this.#units, this.load);
  }

  /** Pins one unit off `link`, or returns null when none that is tried makes room. */
  relieve(link: number): { source: number; dst: number; bytes: number } | null {
    if (link < 0) return null;
    const hottest = this.load[link]! / this.#fabric.linkRate[link]!;
    for (const unit of this.#crossing.largest(link, this.#pins, TRIES)) {
      const source = this.#units.source[unit]!;
      const dst = this.#units.dst[unit]!;
      const bytes = this.#units.bytes[unit]!;
      this.#crossing.move(unit, this.load, -1);
      this.#best = [];
      this.#bestLoad = hottest * (1 - HAIR);
      const from = this.#units.kind === 'leaf' ? source : this.#hops.leafOf[source]!;
      this.#search(from, this.#hops.leafOf[dst]!, bytes, 0, 0);
      if (this.#best.length > 0 && this.load[link]! / this.#fabric.linkRate[link]! < hottest) {
        for (const l of this.#best) this.load[l]! += bytes;
        this.#pins.set(unit, this.#best);
        return { source, dst, bytes };
      }
      this.#crossing.move(unit, this.load, 1);
    }
    return null;
  }

  /** Depth first over minimal paths, cut where a link would already be as hot as the best path's hottest. */
  #search(node: number, leaf: number, bytes: number, worst: number, depth: number): void {
    if (node === leaf) {
      this.#bestLoad = worst;
      this.#best = [...this.#path.subarray(0, depth)];
      return;
    }
    const { pool } = this.#hops;
    const list = this.#hops.list(node, leaf);
    for (let c = 1; c <= pool[list]!; c++) {
      const link = pool[list + c]!;
      const load = Math.max(worst, (this.load[link]! + bytes) / this.#fabric.linkRate[link]!);
      if (load >= this.#bestLoad) continue;
      this.#path[depth] = link;
      this.#search(this.#fabric.linkTo[link]!, leaf, bytes, load, depth + 1);
    }
  }

  /** Every (source, destination) pair of the pinned units in the order of their pins, and how many after so many pins. */
  result(): { routes: PinnedRoutes; pairs: number[] } {
    const src: number[] = [];
    const dst: number[] = [];
    const start = [0];
    const links: number[] = [];
    const pairs = [0];
    for (const [unit, path] of this.#pins) {
      const sources = new Set<number>();
      for (let i = this.#units.start[unit]!; i < this.#units.start[unit + 1]!; i++) {
        sources.add(this.#flows.src[this.#units.flow[i]!]!);
      }
      for (const s of sources) {
        src.push(s);
        dst.push(this.#units.dst[unit]!);
        links.push(...path);
        start.push(links.length);
      }
      pairs.push(src.length);
    }
    const routes: PinnedRoutes = {
      kind: 'pinned',
      base: this.#base,
      src: Int32Array.from(src),
      dst: Int32Array.from(dst),
      start: Uint32Array.from(start),
      links: Uint32Array.from(links),
    };
    return { routes, pairs };
  }
}

/** A copy that may change. An equal split is rounded otherwise when all operations are sent at once. */
function baseLoad(engine: FlowLoads, base: PinBase): LinkLoad {
  if (base.kind !== 'adaptive') return measure(engine, base).load.slice();
  const sums = new LoadSums(engine.fabric.links);
  engine.addInner(base, sums);
  return sums.step;
}
