import { type Issue, issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { IdentifiedFabric } from '../fabric/types.ts';
import { type DescribedNode, describeNodes } from './subnet-describe.ts';
import { speedName } from './subnet-rates.ts';
import { MOST_PORT } from './subnet-types.ts';

export interface IbnetdiscoverOptions {
  /** One plane alone, as its own subnet manager sees it; null for all. */
  readonly plane: number | null;
}

/**
 * The fabric as `ibnetdiscover` would print it: a net file that ibsim starts, and that our reader takes back to the
 * same fabric. Adapters stand first, so that the first of them runs the simulated subnet manager. Only live cables
 * are there; a simulator counts port GUIDs up from the node's, whatever the file says (withSimulatedPortGuids).
 * Error 'port-range' where InfiniBand cannot count so far. Warnings: 'dead-cables' left out; 'rate-rounded', where no
 * width and speed of InfiniBand gives the rate and the next slower stands in. Chunks are a node each.
 */
export function writeIbnetdiscover(
  fabric: IdentifiedFabric,
  options: IbnetdiscoverOptions,
): Result<Iterable<string>> {
  const issues: Issue[] = [];
  let dead = 0;
  let rounded = 0;
  for (let l = 0; l < fabric.links; l++) {
    if (options.plane !== null && fabric.plane[fabric.linkFrom[l]!] !== options.plane) continue;
    if (fabric.linkPort[l]! > MOST_PORT) {
      const message = `InfiniBand has no port ${fabric.linkPort[l]} (${fabric.names[fabric.linkFrom[l]!]})`;
      return fail([issue({ code: 'port-range', message, allowed: `1 to ${MOST_PORT}` })]);
    }
    if (fabric.linkReverse[l]! < l) continue;
    if (fabric.linkAlive[l] !== 1) dead++;
    else if (!speedName(fabric.linkRate[l]!).exact) rounded++;
  }
  const warn = (code: string, message: string) => issues.push(issue({ code, severity: 'warning', message }));
  if (dead > 0) warn('dead-cables', `${dead} dead cables are left out: such a file knows none`);
  if (rounded > 0)
    warn(
      'rate-rounded',
      `${rounded} cables have a rate that InfiniBand does not; the next slower is written`,
    );
  return ok(blocks(fabric, options.plane), issues);
}

function* blocks(fabric: IdentifiedFabric, plane: number | null): Generator<string> {
  const nodes = describeNodes(fabric, plane);
  const described = new Map<number, DescribedNode>();
  for (const node of nodes) for (const member of node.members) described.set(member, node);
  yield '#\n# Topology file\n#\n\n';
  for (const node of nodes) {
    let text = node.kind === 'H' ? adapterHead(node) : switchHead(fabric, node);
    for (const member of node.members) {
      for (let l = fabric.linkStart[member]!; l < fabric.linkStart[member + 1]!; l++) {
        const far = described.get(fabric.linkTo[l]!);
        if (fabric.linkAlive[l] === 1 && far !== undefined) text += portLine(fabric, l, node, far);
      }
    }
    yield `${text}\n`;
  }
}

function adapterHead({ guid, ports, description }: DescribedNode): string {
  return `vendid=0x0\ndevid=0x0\nsysimgguid=0x${guid}\ncaguid=0x${guid}\nCa\t${ports} "H-${guid}"\t\t# "${description}"\n`;
}

function switchHead(fabric: IdentifiedFabric, { guid, ports, description, members }: DescribedNode): string {
  const own = `vendid=0x0\ndevid=0x0\nsysimgguid=0x${guid}\nswitchguid=0x${guid}(${guid})\n`;
  const lid = fabric.lid[members[0]!];
  return `${own}Switch\t${ports} "S-${guid}"\t\t# "${description}" enhanced port 0 lid ${lid} lmc 0\n`;
}

function portLine(fabric: IdentifiedFabric, link: number, near: DescribedNode, far: DescribedNode): string {
  const [from, to] = [fabric.linkFrom[link]!, fabric.linkTo[link]!];
  const own = near.kind === 'H' ? `(${fabric.portGuid[from]})` : '';
  const peer = far.kind === 'H' ? `(${fabric.portGuid[to]})` : '';
  const lid = near.kind === 'H' ? `lid ${fabric.lid[from]} lmc ${fabric.lmc} ` : '';
  const end = `"${far.kind}-${far.guid}"[${fabric.linkPort[fabric.linkReverse[link]!]}]${peer}`;
  const { name } = speedName(fabric.linkRate[link]!);
  return `[${fabric.linkPort[link]}]${own}\t${end}\t\t# ${lid}"${far.description}" lid ${fabric.lid[to]} ${name}\n`;
}
