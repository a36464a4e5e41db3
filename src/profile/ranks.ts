import type { Placement } from '../fabric/types.ts';
import type { RankLayout } from '../traffic/types.ts';

/** Ranks that send through each endpoint: CSR over endpoints, ranks ascending. */
export interface EndpointRanks {
  readonly start: Int32Array;
  readonly rank: Int32Array;
}

/** O(ranks * lanes + endpoints). */
export function endpointRanks(endpoints: number, layout: RankLayout, placement: Placement): EndpointRanks {
  const { lanes } = placement;
  const start = new Int32Array(endpoints + 1);
  for (let r = 0; r < layout.ranks; r++) {
    for (let lane = 0; lane < lanes; lane++) {
      const e = endpointOfRank(layout, placement, r, lane);
      if (e >= 0) start[e + 1]!++;
    }
  }
  for (let e = 0; e < endpoints; e++) start[e + 1]! += start[e]!;
  const next = start.slice();
  const rank = new Int32Array(start[endpoints]!);
  for (let r = 0; r < layout.ranks; r++) {
    for (let lane = 0; lane < lanes; lane++) {
      const e = endpointOfRank(layout, placement, r, lane);
      if (e >= 0) rank[next[e]!++] = r;
    }
  }
  return { start, rank };
}

/** The endpoint that a rank sends through in a lane, or -1. */
export function endpointOfRank(layout: RankLayout, placement: Placement, rank: number, lane: number): number {
  const { host, endpointOf, gpusPerNode, lanes } = placement;
  return endpointOf[(host[layout.node[rank]!]! * gpusPerNode + layout.index[rank]!) * lanes + lane]!;
}

/** Runs that are written out; of more, the first two and the last, and how many ranks there are. */
const WRITTEN = 4;

/** Ranks as text: '0-127, 512-639', or '0, 8, ..., 120 (16 ranks)'. Any order, repeats allowed. */
export function formatRanks(ranks: Iterable<number>): string {
  const sorted = [...new Set(ranks)].sort((a, b) => a - b);
  const runs: string[] = [];
  for (let i = 0; i < sorted.length; ) {
    let j = i;
    while (j + 1 < sorted.length && sorted[j + 1] === sorted[j]! + 1) j++;
    runs.push(i === j ? `${sorted[i]}` : `${sorted[i]}-${sorted[j]}`);
    i = j + 1;
  }
  if (runs.length <= WRITTEN) return runs.join(', ');
  return `${runs[0]}, ${runs[1]}, ..., ${runs.at(-1)} (${sorted.length} ranks)`;
}
