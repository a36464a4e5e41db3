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
 * lftImage. Chunks of UTF-8 are a section each.
 */
export function writeOpensmLft(
  fabric: IdentifiedFabric,
  tables: readonly TableRoutes[],
  options: LftOptions,
): Result<Iterable<Uint8Array>> {
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

/**
 * A section a switch. All have the same lines but for the ports and for what a switch has no entry for: they are written
 * into one template, byte by byte, since a large plane's text is hundreds of megabytes.
 */
function* sections(fabric: IdentifiedFabric, image: LftImage): Generator<Uint8Array> {
  const { encode, lids, at, portAt, lines } = templateOf(fabric, image);
  const tail = encode(`${image.topLid} lids dumped\n`);
  for (const [i, node] of image.switches.entries()) {
    const row = image.ports[i]!;
    const head = encode(
      `Unicast lids [0-${image.topLid}] of switch Lid ${fabric.lid[node]} guid 0x${fabric.guid[node]} ('${shortName(fabric, node)}'):\n`,
    );
    const out = new Uint8Array(head.length + lines.length + tail.length);
    out.set(head);
    let end = head.length;
    // Runs of lines without a hole between them are copied at once, then given their ports.
    for (let k = 0; k < lids.length; ) {
      const first = k;
      while (k < lids.length && row[lids[k]!] !== NO_PORT) k++;
      out.set(lines.subarray(at[first]!, at[k]!), end);
      for (let j = first; j < k; j++) writePort(out, end + portAt[j]! - at[first]!, row[lids[j]!]!);
      end += at[k]! - at[first]!;
      while (k < lids.length && row[lids[k]!] === NO_PORT) k++;
    }
    out.set(tail, end);
    yield out.subarray(0, end + tail.length);
  }
}

/** The lines of a section with port 000: LIDs in order, where each line begins (one more: the end) and its port. */
function templateOf(fabric: IdentifiedFabric, image: LftImage) {
  const encoder = new TextEncoder();
  const encode = (text: string): Uint8Array => encoder.encode(text);
  const lids: number[] = [];
  const at = [0];
  const portAt: number[] = [];
  const parts: Uint8Array[] = [];
  for (const { node, lid, lids: count } of image.destinations) {
    const what = isSwitch(fabric, node) ? 'Switch' : 'Channel Adapter';
    const comment = ` # ${what} portguid 0x${fabric.portGuid[node]}: '${shortName(fabric, node)}'\n`;
    for (let own = lid; own < lid + count; own++) {
      const line = encode(`0x${own.toString(16).padStart(4, '0')} 000${comment}`);
      lids.push(own);
      portAt.push(at[at.length - 1]! + PORT_AT);
      at.push(at[at.length - 1]! + line.length);
      parts.push(line);
    }
  }
  const lines = new Uint8Array(at[at.length - 1]!);
  for (const [k, part] of parts.entries()) lines.set(part, at[k]!);
  return { encode, lids: Int32Array.from(lids), at, portAt, lines };
}

/** Characters before the port: '0x0001 '. */
const PORT_AT = 7;
const ZERO = 48;

function writePort(out: Uint8Array, at: number, port: number): void {
  const hundreds = Math.floor(port / 100);
  const tens = Math.floor(port / 10) % 10;
  out[at] = ZERO + hundreds;
  out[at + 1] = ZERO + tens;
  out[at + 2] = ZERO + (port % 10);
}

/** On one line and without quotes: a reader must not stumble over a name. */
function shortName(fabric: IdentifiedFabric, node: number): string {
  return fabric.names[node]!.replace(/[\p{Cc}']/gu, ' ').slice(0, LONGEST_NAME);
}
