import { issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { isSwitch } from '../fabric/builder.ts';
import { lidsOf } from '../fabric/identities.ts';
import type { IdentifiedFabric } from '../fabric/types.ts';
import type { TableRoutes } from '../routes/types.ts';
import { type LftImage, lftImage, NO_PORT } from './lft-image.ts';

/** OpenSM keeps names short; nothing reads them back. */
const LONGEST_NAME = 64;

export interface LftOptions {
  /** A plane is a subnet with a subnet manager and a file of its own. */
  readonly plane: number;
  /** Whether pairs without an up/down path get a way through a valley leaf ('lane', the default) or no entry. */
  readonly valleys?: 'lane' | 'omit';
}

/**
 * The forwarding tables of one plane in the text that OpenSM dumps, and loads with `-R file -U FILE`: a section a
 * switch, a line a LID. `tables[k]` is for LID base + k of each endpoint (LMC > 0). OpenSM finds a destination by the
 * port GUID in the comment and puts its own LID in place of ours; with LMC > 0 that keeps only the base LID, so the
 * subnet must then have our LIDs (see opensm-files.ts, guid2lid). Errors: 'no-table', 'port-range'; warnings of
 * lftImage. Chunks are a section each.
 */
export function writeOpensmLft(
  fabric: IdentifiedFabric,
  tables: readonly TableRoutes[],
  options: LftOptions,
): Result<Iterable<string>> {
  if (tables.length === 0) return fail([issue({ code: 'no-table', message: 'there is no table to write' })]);
  for (let l = 0; l < fabric.links; l++) {
    const from = fabric.linkFrom[l]!;
    if (fabric.linkPort[l]! < NO_PORT || !isSwitch(fabric, from)) continue;
    const message = `a forwarding table cannot name port ${fabric.linkPort[l]} of ${fabric.names[from]}`;
    return fail([issue({ code: 'port-range', message, allowed: `1 to ${NO_PORT - 1}` })]);
  }
  const image = lftImage(fabric, options.plane, tables, options.valleys);
  return ok(sections(fabric, image), image.issues);
}

/** Characters of a line, as names and GUIDs go. */
const LINE = 75;

/** Characters, more or less, of the tables of one plane. O(nodes). */
export function lftTextSize(fabric: IdentifiedFabric): number {
  let lids = 0;
  for (let n = 0; n < fabric.nodes; n++) lids += lidsOf(fabric, n, fabric.lmc);
  const switches = fabric.nodes - fabric.endpoints;
  return (switches / fabric.planes) * (lids / fabric.planes) * LINE;
}

function* sections(fabric: IdentifiedFabric, image: LftImage): Generator<string> {
  const comments = image.destinations.map(({ node }) => {
    const what = isSwitch(fabric, node) ? 'Switch' : 'Channel Adapter';
    return ` # ${what} portguid 0x${fabric.portGuid[node]}: '${shortName(fabric, node)}'\n`;
  });
  const ports = Array.from({ length: NO_PORT }, (_, port) => String(port).padStart(3, '0'));
  for (const [i, node] of image.switches.entries()) {
    const row = image.ports[i]!;
    let text = `Unicast lids [0-${image.topLid}] of switch Lid ${fabric.lid[node]} guid 0x${fabric.guid[node]} ('${shortName(fabric, node)}'):\n`;
    for (const [d, { lid, lids }] of image.destinations.entries()) {
      for (let own = lid; own < lid + lids; own++) {
        if (row[own] === NO_PORT) continue;
        text += `0x${own.toString(16).padStart(4, '0')} ${ports[row[own]!]}${comments[d]}`;
      }
    }
    yield `${text}${image.topLid} lids dumped\n`;
  }
}

/** On one line and without quotes: a reader must not stumble over a name. */
function shortName(fabric: IdentifiedFabric, node: number): string {
  return fabric.names[node]!.replace(/[\p{Cc}']/gu, ' ').slice(0, LONGEST_NAME);
}
