import type { Fabric } from '../fabric/types.ts';
import { LoadEngine } from '../flow/loads.ts';
import { switchLinks } from '../flow/summary.ts';
import { LoadSums } from '../flow/sums.ts';
import type { LinkLoad } from '../flow/types.ts';
import type { NextHops, Routes, TableRoutes, Verification } from '../routes/types.ts';
import { verifyRoutes } from '../routes/verify.ts';
import { MEETS } from './tables.ts';
import type { JudgedTables, Loads, TrafficDemand } from './types.ts';

/** What is kept of tables that were judged. */
interface Judged {
  readonly routes: TableRoutes;
  readonly load: readonly { readonly step: LinkLoad; readonly unrouted: number }[];
  readonly verification: Verification;
}

/** Measures tables on every demand; tables with the same entries are measured once. */
export class TableJudge {
  readonly #fabric: Fabric;
  readonly #hops: NextHops;
  readonly #engines: readonly LoadEngine[];
  readonly #links: Uint32Array;
  readonly #judged: Judged[] = [];

  constructor(fabric: Fabric, hops: NextHops, demands: readonly TrafficDemand[]) {
    this.#fabric = fabric;
    this.#hops = hops;
    this.#engines = demands.map((d) => new LoadEngine(fabric, hops, d.flows));
    this.#links = switchLinks(fabric);
  }

  judge(name: string, routes: TableRoutes): JudgedTables {
    const { load, verification } = this.#measured(routes);
    return { name, routes, loads: load.map((l) => this.#maxima(l)), verification };
  }

  /** Tables of all LIDs of a port: loads of the base LID, entries of all, the first faulty one's faults. */
  judgeAll(name: string, byOffset: readonly TableRoutes[]): JudgedTables {
    const base = this.judge(name, byOffset[0]!);
    let worst = base.verification;
    let entriesMax = worst.entriesMax;
    for (const routes of byOffset.slice(1)) {
      const verification = verifyRoutes(this.#fabric, routes, this.#hops);
      entriesMax += verification.entriesMax;
      if (worst.reachable && worst.deadlockFree) worst = verification;
    }
    return { ...base, verification: { ...worst, entriesMax } };
  }

  /** Loads of one demand with every flow split evenly over the tables. */
  spreadLoads(demand: number, byOffset: readonly TableRoutes[]): Loads {
    const step = new Float64Array(this.#fabric.links);
    let unrouted = 0;
    for (const routes of byOffset) {
      const one = this.#load(demand, routes);
      for (let l = 0; l < step.length; l++) step[l]! += one.step[l]! / byOffset.length;
      unrouted = Math.max(unrouted, one.unrouted);
    }
    return this.#maxima({ step, unrouted });
  }

  /** The better of the tables and an equal split, which is not looked at where the tables meet the bound already. */
  bestSplit(
    demand: number,
    tables: TableRoutes,
    bound: number,
  ): { readonly seconds: number; readonly load: LinkLoad } {
    const seconds = (l: { readonly step: LinkLoad; readonly unrouted: number }): number => {
      const { up, down } = this.#maxima(l);
      return Math.max(up, down);
    };
    const own = this.#measured(tables).load[demand]!;
    const whole = { seconds: seconds(own), load: own.step };
    if (whole.seconds <= bound * (1 + MEETS)) return whole;
    const even = this.#load(demand, { kind: 'adaptive' });
    return seconds(even) <= whole.seconds ? { seconds: seconds(even), load: even.step } : whole;
  }

  #measured(routes: TableRoutes): Judged {
    const known = this.#judged.find((j) => sameEntries(j.routes, routes));
    if (known !== undefined) return known;
    const load = this.#engines.map((_, d) => this.#load(d, routes));
    const judged = { routes, load, verification: verifyRoutes(this.#fabric, routes, this.#hops) };
    this.#judged.push(judged);
    return judged;
  }

  /** Bytes by link of one demand (links to endpoints left out), and the flows without a way. */
  #load(demand: number, routes: Routes): { readonly step: LinkLoad; readonly unrouted: number } {
    const engine = this.#engines[demand]!;
    const sums = new LoadSums(this.#fabric.links);
    engine.addInner(routes, sums);
    return { step: sums.step, unrouted: sums.unrouted.flows };
  }

  #maxima({ step, unrouted }: { readonly step: LinkLoad; readonly unrouted: number }): Loads {
    const { linkRate, linkDirection } = this.#fabric;
    let up = 0;
    let down = 0;
    for (let i = 0; i < this.#links.length; i++) {
      const l = this.#links[i]!;
      const seconds = step[l]! / linkRate[l]!;
      if (linkDirection[l]! >= 0) up = Math.max(up, seconds);
      else down = Math.max(down, seconds);
    }
    return { up, down, unrouted };
  }
}

/** True when every switch has the same row, entry by entry. O(entries), less where they differ. */
function sameEntries(a: TableRoutes, b: TableRoutes): boolean {
  return a.rows.every((row, s) => {
    const other = b.rows[s]!;
    if (row === other) return true;
    if (row === null || other === null || row.length !== other.length) return false;
    for (let c = 0; c < row.length; c++) if (row[c] !== other[c]) return false;
    return true;
  });
}

/** Bytes per second of most live links between switches (the fastest on a tie); 1 where there are none. */
export function usualRate(fabric: Fabric): number {
  const count = new Map<number, number>();
  for (const l of switchLinks(fabric))
    count.set(fabric.linkRate[l]!, (count.get(fabric.linkRate[l]!) ?? 0) + 1);
  let best = 1;
  let most = 0;
  for (const [rate, n] of count) {
    if (n < most || (n === most && rate < best)) continue;
    best = rate;
    most = n;
  }
  return best;
}
