import type { Fabric, Flows } from '../fabric/types.ts';
import type { NextHops } from '../routes/types.ts';

/** Flows that a simulation of adaptive routing cannot tell apart, each bundle by its first. */
export interface Bundles {
  /** One of each bundle, with its own bytes. */
  readonly flows: Flows;
  /** By bundle: how many flows it stands for. */
  readonly members: Float64Array;
  /** By flow: its bundle. */
  readonly of: Int32Array;
  /** Bytes per second of each link; those of the NICs that stand for others as wide as all of these together. */
  readonly capacity: Float64Array;
}

/**
 * Under adaptive routing flows between the same leaves cross the same links between switches with the same shares. Where
 * besides no two flows have a NIC in common, those of the same bytes and NIC rates always have the same rate, max-min
 * sharing being unique: one flow with the bytes, the weight and the NICs of them all ends when they do. Null where
 * NICs are shared or no two flows are alike. O(flows).
 */
export function bundled(
  fabric: Fabric,
  hops: NextHops,
  flows: Flows,
  capacity: Float64Array,
): Bundles | null {
  const { src, dst, bytes, count } = flows;
  const { leafOf, edge } = hops;
  const sends = new Uint8Array(fabric.endpoints);
  const receives = new Uint8Array(fabric.endpoints);
  const known = new Map<string, number>();
  const first: number[] = [];
  const members: number[] = [];
  const of = new Int32Array(count);
  const rateOf = (link: number): number => (link < 0 ? 0 : capacity[link]!);
  for (let f = 0; f < count; f++) {
    const [s, d] = [src[f]!, dst[f]!];
    const own = s === d;
    if (!own && (sends[s]!++ > 0 || receives[d]!++ > 0)) return null;
    const out = edge[s]! < 0 ? -1 : fabric.linkReverse[edge[s]!]!;
    const key = own ? `${f}` : `${leafOf[s]} ${leafOf[d]} ${bytes[f]} ${rateOf(out)} ${rateOf(edge[d]!)}`;
    const bundle = known.get(key) ?? first.length;
    if (bundle === first.length) {
      known.set(key, bundle);
      first.push(f);
      members.push(0);
    }
    members[bundle]!++;
    of[f] = bundle;
  }
  if (first.length === count) return null;
  const wide = capacity.slice();
  first.forEach((f, b) => {
    if (src[f] === dst[f] || edge[src[f]!]! < 0 || edge[dst[f]!]! < 0) return;
    wide[fabric.linkReverse[edge[src[f]!]!]!]! *= members[b]!;
    wide[edge[dst[f]!]!]! *= members[b]!;
  });
  return { flows: chosen(flows, first), members: Float64Array.from(members), of, capacity: wide };
}

function chosen(flows: Flows, ids: readonly number[]): Flows {
  const at = Int32Array.from(ids);
  return {
    count: at.length,
    src: at.map((f) => flows.src[f]!),
    dst: at.map((f) => flows.dst[f]!),
    bytes: Float64Array.from(ids, (f) => flows.bytes[f]!),
    operation: Uint16Array.from(ids, (f) => flows.operation[f]!),
    invocations: Float64Array.from(ids, (f) => flows.invocations[f]!),
    operations: flows.operations,
  };
}
