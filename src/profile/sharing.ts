import { oncePer } from '../base/once.ts';
import { isSwitch } from '../fabric/builder.ts';
import type { Flows } from '../fabric/types.ts';
import { completion, invocationOf, lastEnd, latestEnd, sameWays } from '../flow/completion.ts';
import { flowPaths } from '../flow/paths.ts';
import type { FlowLoads } from '../flow/types.ts';
import type { Routes } from '../routes/types.ts';

/** Operations of more flows than this, queue pairs counted one by one, keep the time of their busiest link. */
const MOST_PARTS = 50_000;

/** What of line rate NICs, and links between switches, reach. */
export interface Efficiencies {
  readonly nic: number;
  readonly link: number;
}

/**
 * Time of an operation whose flows are of different sizes. Max-min sharing gives those on a full link the same rate, so that
 * the small ones end early and a large one that is held back elsewhere too may find its busiest link idle in part: the
 * last flow ends when the busiest link has passed its bytes or later.
 *
 * With equal sizes it ends just then, and nothing need be simulated: the busiest link has the largest sum of shares over
 * capacity, so that its level is the lowest of all from the first to the last moment (levels of others only rise as flows
 * end); no flow ever has less than that rate, and those on this link have just it.
 */
export class Sharing {
  readonly #engine: FlowLoads;
  /** By operation: its flows where they are unequal and not too many, else null. */
  readonly #flows = new Map<number, Flows | null>();
  /** Results by what they depend on: operations of the same flows share them where routes do not tell them apart. */
  readonly #known: {
    readonly flows: Flows;
    readonly key: string;
    readonly routes: Routes;
    readonly seconds: number;
  }[] = [];

  constructor(engine: FlowLoads) {
    this.#engine = engine;
  }

  /**
   * Seconds until the last flow of one invocation has ended; 0 where that is certainly not more than `floor`, which
   * something else takes anyway.
   */
  seconds(operation: number, routes: Routes, { nic, link }: Efficiencies, floor: number): number {
    const flows = this.#flowsOf(operation);
    if (flows === null || flows.count * queuePairsOf(routes) > MOST_PARTS) return 0;
    const { fabric, hops } = this.#engine;
    const ways = flows.src.every((s, f) => hops.leafOf[s] === hops.leafOf[flows.dst[f]!]) ? LOCAL : routes;
    const key = `${nic} ${ways === LOCAL ? 1 : link}`;
    const known = this.#known.find(
      (k) => k.key === key && k.routes === ways && sameWays(k.flows, flows, ways),
    );
    if (known !== undefined) return known.seconds;
    const capacity = fabric.linkRate.map((rate, l) => {
      const inner = isSwitch(fabric, fabric.linkFrom[l]!) && isSwitch(fabric, fabric.linkTo[l]!);
      return rate * (inner ? link : nic);
    });
    const paths = flowPaths(fabric, hops, flows, ways);
    if (latestEnd(paths, flows, capacity) <= floor) return 0;
    const seconds = lastEnd(completion(paths, flows, capacity));
    this.#known.push({ flows, key, routes: ways, seconds });
    return seconds;
  }

  #flowsOf(operation: number): Flows | null {
    const found = this.#flows.get(operation);
    if (found !== undefined) return found;
    const [from, to] = this.#engine.rangeOf(operation);
    const looked = to - from <= MOST_PARTS && !this.#areEqual(from, to);
    const unequal = looked ? invocationOf(this.#engine, operation) : null;
    this.#flows.set(operation, unequal);
    return unequal;
  }

  #areEqual(from: number, to: number): boolean {
    const { flows, order } = this.#engine;
    const { bytes, invocations } = flows;
    for (let i = from + 1; i < to; i++) {
      const [f, g] = [order[i]!, order[from]!];
      if (bytes[f]! / invocations[f]! !== bytes[g]! / invocations[g]!) return false;
    }
    return true;
  }
}

/** One for all who ask about the same flows. */
export const sharingOf = oncePer((engine: FlowLoads) => new Sharing(engine));

/** Flows below one leaf go the same way under every routing. */
const LOCAL: Routes = { kind: 'adaptive' };

function queuePairsOf(routes: Routes): number {
  const base = routes.kind === 'pinned' ? routes.base : routes;
  return base.kind === 'ecmp' ? base.queuePairs : 1;
}
