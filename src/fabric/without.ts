import { type Issue, issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { nearest } from '../units/nearest.ts';
import { isSwitch } from './builder.ts';
import type { Fabric } from './types.ts';

/**
 * The fabric with parts taken out of service: 'link:A-B' (every cable between two nodes, 'link:A:port' one of
 * them), 'leaf:X', 'spine:X', 'core:X', 'node:X' by name, 'plane:2' by number. Links die; nothing is renumbered,
 * so loads and tables of both fabrics can be compared link by link. O(nodes + links) a part.
 */
export function withoutParts(fabric: Fabric, parts: readonly string[]): Result<Fabric> {
  if (parts.length === 0) return ok(fabric);
  const linkAlive = fabric.linkAlive.slice();
  const issues: Issue[] = [];
  for (const part of parts) {
    const problem = kill(fabric, part, linkAlive);
    if (problem) issues.push(problem);
  }
  return issues.length > 0 ? fail(issues) : ok({ ...fabric, linkAlive });
}

function kill(fabric: Fabric, part: string, alive: Uint8Array): Issue | null {
  const colon = part.indexOf(':');
  const kind = colon < 0 ? part : part.slice(0, colon);
  const what = part.slice(colon + 1);
  if (kind === 'link') return killLink(fabric, what, alive);
  if (kind === 'plane') return killPlane(fabric, what, alive);
  if (!['leaf', 'spine', 'core', 'node'].includes(kind)) {
    return issue({
      code: 'unknown-part',
      message: `cannot take out '${part}'`,
      allowed: 'link:A-B, link:A:port, leaf:NAME, spine:NAME, core:NAME, node:NAME, plane:NUMBER',
    });
  }
  const node = fabric.names.indexOf(what);
  if (node < 0) return unknownNode(fabric, part, what);
  for (let l = fabric.linkStart[node]!; l < fabric.linkStart[node + 1]!; l++) {
    alive[l] = 0;
    alive[fabric.linkReverse[l]!] = 0;
  }
  return null;
}

function killLink(fabric: Fabric, what: string, alive: Uint8Array): Issue | null {
  const port = /^(.*):(\d+)$/.exec(what);
  if (port) {
    const node = fabric.names.indexOf(port[1]!);
    if (node < 0) return unknownNode(fabric, `link:${what}`, port[1]!);
    return killWhere(fabric, node, (l) => fabric.linkPort[l] === Number(port[2]), what, alive);
  }
  // Names may hold dashes: try every dash as the one between the two names.
  for (let dash = what.indexOf('-'); dash >= 0; dash = what.indexOf('-', dash + 1)) {
    const a = fabric.names.indexOf(what.slice(0, dash));
    const b = fabric.names.indexOf(what.slice(dash + 1));
    if (a >= 0 && b >= 0) return killWhere(fabric, a, (l) => fabric.linkTo[l] === b, what, alive);
  }
  return unknownNode(fabric, `link:${what}`, unknownEnd(fabric, what));
}

/** Of 'A-B' the end that is no node: what follows the longest known A, else what stands before the first dash. */
function unknownEnd(fabric: Fabric, what: string): string {
  const dashes = [...what.matchAll(/-/g)].map((m) => m.index).reverse();
  const known = dashes.find((dash) => fabric.names.includes(what.slice(0, dash)));
  return known === undefined ? what.split('-')[0]! : what.slice(known + 1);
}

function killWhere(
  fabric: Fabric,
  node: number,
  hit: (link: number) => boolean,
  what: string,
  alive: Uint8Array,
) {
  let found = 0;
  for (let l = fabric.linkStart[node]!; l < fabric.linkStart[node + 1]!; l++) {
    if (!hit(l)) continue;
    alive[l] = 0;
    alive[fabric.linkReverse[l]!] = 0;
    found++;
  }
  return found > 0
    ? null
    : issue({ code: 'unknown-link', message: `there is no link ${what} in ${fabric.name}` });
}

function killPlane(fabric: Fabric, what: string, alive: Uint8Array): Issue | null {
  const plane = Number(what);
  if (!Number.isInteger(plane) || plane < 0 || plane >= fabric.planes) {
    return issue({
      code: 'unknown-plane',
      message: `there is no plane ${what} in ${fabric.name}`,
      allowed: `0 to ${fabric.planes - 1}`,
    });
  }
  for (let l = 0; l < fabric.links; l++) {
    const from = fabric.linkFrom[l]!;
    const to = fabric.linkTo[l]!;
    const node = isSwitch(fabric, from) ? from : to;
    if (fabric.plane[node] === plane) alive[l] = 0;
  }
  return null;
}

function unknownNode(fabric: Fabric, part: string, name: string): Issue {
  const near = nearest(name, fabric.names);
  return issue({
    code: 'unknown-node',
    message: `cannot take out '${part}': there is no node '${name}' in ${fabric.name}`,
    ...(near === undefined ? {} : { nearest: near }),
  });
}
