import { issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { type Fabric, type IdentifiedFabric, NodeKind } from './types.ts';

export type { IdentifiedFabric } from './types.ts';

/** Last LID that names one port; multicast follows (InfiniBand Architecture Specification, volume 1, 4.1.3). */
export const LAST_UNICAST_LID = 0xbfff;

/**
 * The fabric with every GUID, port GUID and LID that it lacks. GUIDs are locally administered EUI-64s made from the
 * node's number, port GUIDs the node's plus its port number, as ibsim counts. LIDs stay when all of them serve
 * `lmc` (default: the fabric's own); otherwise every plane, a subnet of its own, is numbered afresh from 2^lmc:
 * endpoints first, 2^lmc LIDs each, then one LID a switch. The same fabric always gets the same identities.
 * Error 'too-many-lids': a plane needs more than the 49,151 there are. O(nodes).
 */
export function withIdentities(fabric: Fabric, options: { lmc?: number } = {}): Result<IdentifiedFabric> {
  const lmc = options.lmc ?? fabric.lmc;
  const guid: string[] = [];
  const portGuid: string[] = [];
  for (let n = 0; n < fabric.nodes; n++) {
    const own = fabric.guid?.[n] || syntheticGuid(fabric, n);
    guid.push(own);
    portGuid.push(fabric.portGuid?.[n] || simulatedPortGuid(fabric, n, own));
  }
  const lid = fabric.lid !== null && serves(fabric, fabric.lid, lmc) ? fabric.lid : numbered(fabric, lmc);
  let last = 0;
  for (let n = 0; n < fabric.nodes; n++) last = Math.max(last, lid[n]! + lidsOf(fabric, n, lmc) - 1);
  if (last > LAST_UNICAST_LID) {
    return fail([
      issue({
        code: 'too-many-lids',
        message: `a plane of ${fabric.name} needs more LIDs than one subnet has`,
        found: String(last),
        allowed: `at most ${LAST_UNICAST_LID}`,
        hint: 'choose a smaller LMC, or more planes',
      }),
    ]);
  }
  return ok({ ...fabric, guid, portGuid, lid, lmc });
}

/**
 * The fabric as OpenSM sees it on ibsim, which ignores the port GUIDs of its net file and counts them up from
 * the node's GUID: tables that are to be loaded there must name these.
 */
export function withSimulatedPortGuids(fabric: IdentifiedFabric): IdentifiedFabric {
  return { ...fabric, portGuid: fabric.guid.map((own, n) => simulatedPortGuid(fabric, n, own)) };
}

/** LIDs that a node answers to: a switch has one whatever the LMC (OpenSM's lmc_esp0 is off). */
export function lidsOf(fabric: Fabric, node: number, lmc: number): number {
  return fabric.kind[node] === NodeKind.switch ? 1 : 1 << lmc;
}

/** Node GUID plus port number for an endpoint; a switch's port 0 carries its node GUID. */
function simulatedPortGuid(fabric: Fabric, node: number, guid: string): string {
  if (fabric.kind[node] === NodeKind.switch) return guid;
  const first = fabric.linkStart[node]!;
  const port = first < fabric.linkStart[node + 1]! ? fabric.linkPort[first]! : 1;
  return (BigInt(`0x${guid}`) + BigInt(port)).toString(16).padStart(16, '0');
}

/** '02': locally administered; then the kind, and the node's number with room for 256 port GUIDs. */
function syntheticGuid(fabric: Fabric, node: number): string {
  const kind = fabric.kind[node] === NodeKind.switch ? 'b' : 'a';
  return `020000${kind}${(node * 256).toString(16).padStart(9, '0')}`;
}

/** True when every node has its own unicast LIDs in its plane, endpoints aligned to 2^lmc as the LMC demands. */
function serves(fabric: Fabric, lid: Uint32Array, lmc: number): boolean {
  const taken = Array.from({ length: fabric.planes }, () => new Uint8Array(LAST_UNICAST_LID + 1));
  for (let n = 0; n < fabric.nodes; n++) {
    const count = lidsOf(fabric, n, lmc);
    const base = lid[n]!;
    if (base === 0 || base + count - 1 > LAST_UNICAST_LID || base % count !== 0) return false;
    const mine = taken[fabric.plane[n]!]!;
    for (let l = base; l < base + count; l++) if (mine[l]!++ > 0) return false;
  }
  return true;
}

function numbered(fabric: Fabric, lmc: number): Uint32Array {
  const lid = new Uint32Array(fabric.nodes);
  const next = new Uint32Array(fabric.planes).fill(1 << lmc);
  for (let n = 0; n < fabric.nodes; n++) {
    const plane = fabric.plane[n]!;
    lid[n] = next[plane]!;
    next[plane]! += lidsOf(fabric, n, lmc);
  }
  return lid;
}
