import { oncePer } from '../base/once.ts';
import { HAIR } from '../numeric/tolerance.ts';
import { LoadSums } from './sums.ts';
import type { FlowLoads, LinkLoad } from './types.ts';

/** What flows ask of the two ends of their ways: the same under every routing. Readers must not write. */
export interface NicLoads {
  /** Bytes of the step on links of endpoints. */
  readonly load: LinkLoad;
  /** By operation: seconds of the busiest one in one invocation. */
  readonly seconds: Float64Array;
  /** By operation: 1 when all its flows are equal and each has a NIC that is busy as long as the busiest. */
  readonly even: Uint8Array;
}

/** O(flows). */
export const nicLoads = oncePer((engine: FlowLoads): NicLoads => {
  const operations = engine.flows.operations.length;
  const sums = new LoadSums(engine.fabric.links);
  const seconds = new Float64Array(operations);
  const even = new Uint8Array(operations);
  for (let o = 0; o < operations; o++) {
    sums.forgetOnce();
    engine.addNics(sums, o);
    seconds[o] = sums.busiestOnce(engine.fabric.linkRate).seconds;
    even[o] = allAsBusy(engine, o, sums.once, seconds[o]!) ? 1 : 0;
  }
  return { load: sums.step, seconds, even };
});

function allAsBusy(engine: FlowLoads, operation: number, once: LinkLoad, seconds: number): boolean {
  const { order, hops } = engine;
  const { src, dst, bytes, invocations } = engine.flows;
  const { linkRate, linkReverse } = engine.fabric;
  const [from, to] = engine.rangeOf(operation);
  const first = order[from]!;
  const equal = bytes[first]! / invocations[first]!;
  const least = seconds * (1 - HAIR);
  for (let i = from; i < to; i++) {
    const f = order[i]!;
    const into = hops.edge[dst[f]!]!;
    const out = hops.edge[src[f]!]!;
    if (into < 0 || out < 0 || src[f] === dst[f]) continue;
    if (bytes[f]! / invocations[f]! !== equal) return false;
    const back = linkReverse[out]!;
    if (once[into]! / linkRate[into]! < least && once[back]! / linkRate[back]! < least) return false;
  }
  return true;
}
