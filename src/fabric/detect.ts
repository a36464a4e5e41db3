import { isSwitch } from './builder.ts';
import { type Fabric, NodeKind } from './types.ts';

/** Leaf switch (node id) that each endpoint is cabled to, by a live cable if it has one; -1 for none. O(endpoints). */
export function leavesOf(fabric: Fabric): Int32Array {
  const leaf = new Int32Array(fabric.endpoints).fill(-1);
  for (let e = 0; e < fabric.endpoints; e++) {
    for (let l = fabric.linkStart[e]!; l < fabric.linkStart[e + 1]!; l++) {
      if (!isSwitch(fabric, fabric.linkTo[l]!)) continue;
      if (leaf[e] === -1 || fabric.linkAlive[l]) leaf[e] = fabric.linkTo[l]!;
      if (fabric.linkAlive[l]) break;
    }
  }
  return leaf;
}

/** Pod of each switch: which leaves reach one another without a core. Length nodes, -1 for endpoints and cores. */
export function podsOf(fabric: Fabric): { readonly pod: Int32Array; readonly pods: number } {
  const pod = new Int32Array(fabric.nodes).fill(-1);
  const queue = new Int32Array(fabric.nodes);
  let pods = 0;
  for (let first = fabric.endpoints; first < fabric.nodes; first++) {
    if (fabric.tier[first]! > 2 || pod[first] !== -1) continue;
    pod[first] = pods;
    queue[0] = first;
    for (let head = 0, tail = 1; head < tail; head++) {
      const node = queue[head]!;
      for (let l = fabric.linkStart[node]!; l < fabric.linkStart[node + 1]!; l++) {
        const other = fabric.linkTo[l]!;
        if (!fabric.linkAlive[l] || other < fabric.endpoints || fabric.tier[other]! > 2 || pod[other] !== -1)
          continue;
        pod[other] = pods;
        queue[tail++] = other;
      }
    }
    pods++;
  }
  return { pod, pods };
}

/**
 * True when the live fabric is as even as a drawing: one rate between switches; in every plane all leaves of
 * a pod have the same number of live cables to each of the same spines, and all spines the same number towards the
 * cores. Endpoints may be spread unevenly. Some closed forms (destination-modulo is optimal) hold only then. O(links).
 */
export function isRegular(fabric: Fabric): boolean {
  const { pod, pods } = podsOf(fabric);
  const spinesOfPod = new Int32Array(pods);
  for (let n = fabric.endpoints; n < fabric.nodes; n++) if (fabric.tier[n] === 2) spinesOfPod[pod[n]!]!++;
  const cables = new Int32Array(fabric.nodes);
  const seen = new Expected();
  for (let n = fabric.endpoints; n < fabric.nodes; n++) {
    const tier = fabric.tier[n]!;
    if (fabric.kind[n] !== NodeKind.switch || tier > 2) continue;
    let ups = 0;
    let uppers = 0;
    for (let l = fabric.linkStart[n]!; l < fabric.linkStart[n + 1]!; l++) {
      const other = fabric.linkTo[l]!;
      if (!fabric.linkAlive[l] || other < fabric.endpoints) continue;
      if (fabric.linkDirection[l] === 0 || !seen.same('rate', fabric.linkRate[l]!)) return false;
      if (fabric.linkDirection[l]! < 0) continue;
      ups++;
      if (cables[other]!++ === 0) uppers++;
    }
    for (let l = fabric.linkStart[n]!; l < fabric.linkStart[n + 1]!; l++) {
      const many = cables[fabric.linkTo[l]!]!;
      cables[fabric.linkTo[l]!] = 0;
      if (many > 0 && !seen.same(`cables ${tier}`, many)) return false;
    }
    if (!seen.same(`ups ${tier}`, ups)) return false;
    if (tier === 1 && uppers !== spinesOfPod[pod[n]!]) return false;
  }
  return true;
}

/** Remembers the first value of each thing and says whether the next ones equal it. */
class Expected {
  readonly #first = new Map<string, number>();

  same(what: string, value: number): boolean {
    const first = this.#first.get(what);
    if (first === undefined) this.#first.set(what, value);
    return first === undefined || first === value;
  }
}
