import type { Flows } from '../../src/fabric/types.ts';
import { stream } from '../../src/numeric/random.ts';

/** Synthetic endpoint demand for tests, independent of the workload and traffic stages. */

export function flowsOf(list: readonly (readonly [src: number, dst: number, bytes: number])[]): Flows {
  return {
    count: list.length,
    src: Int32Array.from(list, (x) => x[0]),
    dst: Int32Array.from(list, (x) => x[1]),
    bytes: Float64Array.from(list, (x) => x[2]),
    operation: new Uint16Array(list.length),
    invocations: new Float64Array(list.length).fill(1),
    operations: ['demand'],
  };
}

/** Every endpoint to every other of [0, endpoints). */
export function allToAll(endpoints: number, bytes = 1): Flows {
  const list: [number, number, number][] = [];
  for (let s = 0; s < endpoints; s++)
    for (let d = 0; d < endpoints; d++) if (s !== d) list.push([s, d, bytes]);
  return flowsOf(list);
}

export interface ExpertDemand {
  readonly endpoints: number;
  /** Members of an expert group, `stride` endpoints apart; groups wrap around, so that they straddle leaves. */
  readonly group: number;
  readonly stride: number;
  /** Popularity of the i-th expert of a group: 1 / (i + 1)^exponent, in an order of the seed. */
  readonly exponent: number;
  readonly bytes: number;
  readonly seed: number;
}

/** Dispatch and combine of expert groups with Zipf-skewed popularity. */
export function expertFlows(demand: ExpertDemand): Flows {
  const { endpoints, group, stride, exponent, bytes, seed } = demand;
  const random = stream(seed, 'test experts');
  const list: [number, number, number][] = [];
  for (let first = 0; first + group <= endpoints; first += group) {
    const rank = Int32Array.from({ length: group }, (_, i) => i);
    random.shuffle(rank);
    // A bijection of [0, endpoints) when stride and endpoints are coprime.
    const at = (i: number) => ((first + i) * stride) % endpoints;
    for (let i = 0; i < group; i++) {
      for (let j = 0; j < group; j++) {
        if (i === j) continue;
        const popularity = Math.exp(-exponent * Math.log(rank[j]! + 1));
        list.push([at(i), at(j), bytes * popularity], [at(j), at(i), 2 * bytes * popularity]);
      }
    }
  }
  return flowsOf(list);
}
