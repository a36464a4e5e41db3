import type { Plane } from './plane.ts';

/** The cables between each leaf with endpoints and each switch above it, two layers. */
export interface LeafTrunks {
  readonly spines: number;
  /** Live cables between leaf l and spine s, at l * spines + s. */
  readonly cables: Int32Array;
  /** Their local links up and down, at the same place. */
  readonly links: readonly { readonly up: readonly number[]; readonly down: readonly number[] }[];
}

/** O(links). Spines are numbered as they are first met. */
export function leafTrunks(plane: Plane): LeafTrunks {
  const leaves = plane.leaves.length;
  const leafAt = new Int32Array(plane.switches.length).fill(-1);
  for (let l = 0; l < leaves; l++) leafAt[plane.leaves[l]!] = l;
  const spineAt = new Int32Array(plane.switches.length).fill(-1);
  let spines = 0;
  for (let e = 0; e < plane.links; e++) {
    if (plane.up[e] === 1 && spineAt[plane.to[e]!]! < 0) spineAt[plane.to[e]!] = spines++;
  }
  const links = Array.from({ length: leaves * spines }, () => ({ up: [] as number[], down: [] as number[] }));
  for (let e = 0; e < plane.links; e++) {
    const isUp = plane.up[e] === 1;
    const l = leafAt[isUp ? plane.from[e]! : plane.to[e]!]!;
    const s = spineAt[isUp ? plane.to[e]! : plane.from[e]!]!;
    if (l < 0 || s < 0) continue; // no endpoint below
    links[l * spines + s]![isUp ? 'up' : 'down'].push(e);
  }
  return { spines, cables: Int32Array.from(links, ({ up }) => up.length), links };
}
