import { excerpt, type IssueCollector } from './collector.ts';

/** A switch ('S') or channel adapter ('H') as one block of the dump declares it. */
export interface DumpNode {
  /** As peers name it: 'S-2c5eab0300b87b40'. */
  readonly key: string;
  readonly kind: 'S' | 'H';
  readonly guid: string;
  readonly ports: number;
  readonly description: string;
  /** Base LID of a switch; that of an adapter stands on its port lines. */
  readonly lid: number;
  readonly line: number;
  readonly links: Map<number, DumpLink>;
}

/** One port line: what this port of the block's node is cabled to. */
export interface DumpLink {
  readonly peer: string;
  readonly peerPort: number;
  /** Bytes per second each direction. */
  readonly rate: number;
  /** Base LID of this adapter port; 0 on a switch. */
  readonly lid: number;
  /** What this end says of the far end: its description and base LID. */
  readonly peerDescription: string;
  readonly peerLid: number;
  readonly line: number;
}

/** A cable with both its ends found. */
export interface DumpCable {
  readonly a: DumpNode;
  readonly aPort: number;
  readonly b: DumpNode;
  readonly bPort: number;
  readonly rate: number;
}

/**
 * Data rate of one lane in Gb/s by the name of its speed, after the line code (InfiniBand Architecture
 * Specification, volume 2; the marketing rates 400G for 4xNDR and so on). A vocabulary of the format, not a measurement.
 */
const LANE_GIGABITS: ReadonlyMap<string, number> = new Map([
  ['SDR', 2],
  ['DDR', 4],
  ['QDR', 8],
  ['FDR10', 10],
  ['FDR', 13.64],
  ['EDR', 25],
  ['HDR', 50],
  ['NDR', 100],
  ['XDR', 200],
]);

const HEADER = /^(Switch|Ca|Rt)\s+(\d+)\s+"([SHR])-([0-9a-fA-F]+)"\s*(?:#\s*"([^"]*)"(.*))?$/;
const PORT =
  /^\[(\d+)\](?:\[ext [^\]]*\])?(?:\([0-9a-fA-F]+\))?\s+"([SHR])-([0-9a-fA-F]+)"\[(\d+)\](?:\[ext [^\]]*\])?(?:\([0-9a-fA-F]+\))?\s*(?:#\s*(.*))?$/;
/** Lines that say nothing this reader needs: ids of the next block, headings of grouped dumps. */
const IDLE =
  /^(?:#|\s*$|(?:vendid|devid|sysimgguid|switchguid|caguid|rtguid)=|Chassis\b|Non-Chassis\b|\s*(?:Spine|Line) Nodes\b)/;

/**
 * Reads the dump line by line into blocks. Both suffix syntaxes are taken: the bare '4xNDR' and the older
 * '4xHDR s=4 w=2 v=4 e=4'. Issues carry the line; nothing is guessed. O(bytes).
 */
export class DumpParser {
  readonly nodes = new Map<string, DumpNode>();
  readonly #issues: IssueCollector;
  #current: DumpNode | null = null;
  #skipping = false;
  #line = 0;

  constructor(issues: IssueCollector) {
    this.#issues = issues;
  }

  push(text: string): void {
    this.#line++;
    if (text.startsWith('[')) this.#port(text);
    else if (/^(?:Switch|Ca|Rt)\b/.test(text)) this.#header(text);
    else if (!IDLE.test(text))
      this.#broken('unreadable-line', text, 'this is no line of an ibnetdiscover dump');
  }

  #header(text: string): void {
    this.#current = null;
    this.#skipping = true;
    const found = HEADER.exec(text);
    if (!found) {
      this.#broken('truncated-line', text, 'the line that opens a node is cut off or damaged');
      return;
    }
    const [, word, ports, letter, guid, description = '', rest = ''] = found;
    if (word === 'Rt') {
      this.#issues.add({
        code: 'router-left-out',
        severity: 'warning',
        line: this.#line,
        message: `the router ${guid} is left out: routes end inside one subnet`,
      });
      return;
    }
    const key = `${letter}-${guid!.toLowerCase()}`;
    const twin =
      this.nodes.get(key) ?? this.nodes.get(key.startsWith('S') ? `H${key.slice(1)}` : `S${key.slice(1)}`);
    if (twin) {
      this.#issues.add({
        code: 'duplicate-guid',
        line: this.#line,
        message: `the GUID ${guid} is declared twice: here and in line ${twin.line}`,
        found: excerpt(text),
        hint: 'two dumps joined into one? Give a dump of one subnet.',
      });
      return;
    }
    const kind = word === 'Switch' ? 'S' : 'H';
    this.#skipping = false;
    this.#current = {
      key,
      kind,
      guid: guid!.toLowerCase(),
      ports: Number(ports),
      description: description.trim(),
      lid: Number(/\blid (\d+)/.exec(rest)?.[1] ?? 0),
      line: this.#line,
      links: new Map(),
    };
    this.nodes.set(key, this.#current);
  }

  #port(text: string): void {
    const node = this.#current;
    if (!node) {
      if (!this.#skipping) this.#broken('unreadable-line', text, 'a port line before any Switch or Ca line');
      return;
    }
    const found = PORT.exec(text);
    const rate = found ? rateOf(found[5] ?? '') : null;
    if (!found || rate === null) {
      this.#broken(
        'truncated-line',
        text,
        found
          ? 'the link has no width and speed such as 4xNDR at its end'
          : 'the port line is cut off or damaged',
      );
      return;
    }
    const port = Number(found[1]);
    if (found[2] === 'R') return;
    if (port < 1 || port > node.ports) {
      this.#issues.add({
        code: 'port-range',
        line: this.#line,
        message: `port ${port} of ${node.key}`,
        found: String(port),
        allowed: `1 to ${node.ports}`,
      });
      return;
    }
    const before = node.links.get(port);
    if (before) {
      this.#issues.add({
        code: 'duplicate-port',
        line: this.#line,
        message: `port ${port} of ${node.key} is listed twice: here and in line ${before.line}`,
      });
      return;
    }
    const own = node.kind === 'H' ? /^lid (\d+)/.exec(found[5] ?? '') : null;
    node.links.set(port, {
      peer: `${found[2]}-${found[3]!.toLowerCase()}`,
      peerPort: Number(found[4]),
      rate,
      lid: Number(own?.[1] ?? 0),
      peerDescription: /"([^"]*)"/.exec(found[5]!)?.[1]?.trim() ?? '',
      peerLid: Number(/" lid (\d+)/.exec(found[5]!)?.[1] ?? 0),
      line: this.#line,
    });
  }

  #broken(code: string, text: string, message: string): void {
    this.#issues.add({ code, line: this.#line, message, found: excerpt(text) });
  }
}

/** Bytes per second of '... "name" lid 73 4xNDR' with or without the older suffix; null when it is not there. */
function rateOf(comment: string): number | null {
  const tail = comment.slice(comment.lastIndexOf('"') + 1);
  const found = /\b(\d+)x([A-Z]+\d*)\b/.exec(tail);
  const lane = found ? LANE_GIGABITS.get(found[2]!) : undefined;
  return found && lane !== undefined ? (Number(found[1]) * lane * 1e9) / 8 : null;
}
