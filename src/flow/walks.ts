import type { EcmpRoutes, TableRoutes } from '../routes/types.ts';
import type { FlowWalks, OrderedFlows } from './types.ts';
import { type FlowKeys, flowKeys, type Walker, walkerOf } from './walk.ts';

/** Where the links of all ways may be more than this they are not kept, but walked again for whoever asks. */
const KEPT_LINKS = 16_777_216;

export class Walks implements FlowWalks {
  readonly routes: TableRoutes | EcmpRoutes;
  readonly #flows: OrderedFlows;
  readonly #walker: Walker;
  readonly #keyOf: FlowKeys;
  readonly #queuePairs: number;
  /** Ways that are kept: CSR over queue pairs of flows; by flow its first queue pair, -1 for those that leave no leaf. */
  readonly #kept: boolean;
  #first = new Int32Array(0);
  #start = new Uint32Array(0);
  #links = new Int32Array(0);

  constructor(ordered: OrderedFlows, routes: TableRoutes | EcmpRoutes) {
    const { fabric, hops, flows, leaving } = ordered;
    this.routes = routes;
    this.#flows = ordered;
    this.#walker = walkerOf(fabric, hops, routes);
    this.#keyOf = flowKeys(flows, routes);
    this.#queuePairs = routes.kind === 'ecmp' ? routes.queuePairs : 1;
    const most = leaving.flow.length * this.#queuePairs * 2 * (hops.tiers - 1);
    this.#kept = most <= KEPT_LINKS;
    if (this.#kept) this.#keep(most);
  }

  #keep(most: number): void {
    const { flows, leaving } = this.#flows;
    const { src, dst } = flows;
    const { path } = this.#walker;
    let links = new Int32Array(most);
    this.#start = new Uint32Array(leaving.flow.length * this.#queuePairs + 1);
    this.#first = new Int32Array(flows.count).fill(-1);
    let part = 0;
    let at = 0;
    for (const f of leaving.flow) {
      this.#first[f] = part;
      for (let q = 0; q < this.#queuePairs; q++) {
        const length = this.#walker.walk(src[f]!, dst[f]!, this.#keyOf(f, q));
        if (at + length > links.length) links = longer(links);
        for (let h = 0; h < length; h++) links[at++] = path[h]!;
        this.#start[++part] = at;
      }
    }
    this.#links = links;
  }

  each(flow: number, visit: (link: number, bytes: number) => void): void {
    const { src, dst, bytes } = this.#flows.flows;
    const share = bytes[flow]! / this.#queuePairs;
    if (!this.#kept) {
      for (let q = 0; q < this.#queuePairs; q++) {
        const length = this.#walker.walk(src[flow]!, dst[flow]!, this.#keyOf(flow, q));
        for (let h = 0; h < length; h++) visit(this.#walker.path[h]!, share);
      }
      return;
    }
    const first = this.#first[flow]!;
    if (first < 0) return;
    const end = this.#start[first + this.#queuePairs]!;
    for (let i = this.#start[first]!; i < end; i++) visit(this.#links[i]!, share);
  }
}

function longer(links: Int32Array): Int32Array<ArrayBuffer> {
  const more = new Int32Array(2 * links.length + 16);
  more.set(links);
  return more;
}
