import { excerpt, type IssueCollector } from './collector.ts';
import { rateOfLanes } from './subnet-rates.ts';
import { type DumpNode, guidText, MOST_PORT } from './subnet-types.ts';

const HEADER = /^(Switch|Ca|Rt)\s+(\d+)\s+"([SHR])-([0-9a-fA-F]+)"\s*(?:#\s*"([^"]*)"(.*))?$/;
const PORT =
  /^\[(\d+)\](?:\[ext [^\]]*\])?(?:\(([0-9a-fA-F]+)\))?\s+"([SHR])-([0-9a-fA-F]+)"\[(\d+)\](?:\[ext [^\]]*\])?(?:\(([0-9a-fA-F]+)\))?\s*(?:#\s*(.*))?$/;
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
  #dumps = 0;

  constructor(issues: IssueCollector) {
    this.#issues = issues;
  }

  push(text: string): void {
    this.#line++;
    if (text.startsWith('[')) this.#port(text);
    else if (/^(?:Switch|Ca|Rt)\b/.test(text)) this.#header(text);
    else if (text.startsWith('# Topology file') && ++this.#dumps === 2)
      this.#issues.add({
        code: 'two-dumps',
        severity: 'warning',
        line: this.#line,
        message: 'a second dump begins here; both are taken as parts of one fabric',
      });
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
    const key = `${letter}-${guidText(guid!)}`;
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
      guid: guidText(guid!),
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
    const comment = found?.[7] ?? '';
    const rate = found ? rateOf(comment) : null;
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
    if (found[3] === 'R' || !this.#isFree(node, Number(found[1]))) return;
    const adapter = node.kind === 'H';
    const ownLid = adapter ? /^lid (\d+)(?: lmc (\d+))?/.exec(comment) : null;
    node.links.set(Number(found[1]), {
      peer: `${found[3]}-${guidText(found[4]!)}`,
      peerPort: Number(found[5]),
      rate,
      lid: Number(ownLid?.[1] ?? 0),
      lmc: Number(ownLid?.[2] ?? 0),
      portGuid: adapter && found[2] ? guidText(found[2]) : '',
      peerDescription: /"([^"]*)"/.exec(comment)?.[1]?.trim() ?? '',
      peerLid: Number(/" lid (\d+)/.exec(comment)?.[1] ?? 0),
      peerPortGuid: found[6] ? guidText(found[6]) : '',
      alive: true,
      line: this.#line,
    });
  }

  #isFree(node: DumpNode, port: number): boolean {
    if (port < 1 || port > Math.min(node.ports, MOST_PORT)) {
      this.#issues.add({
        code: 'port-range',
        line: this.#line,
        message: `port ${port} of ${node.key}`,
        found: String(port),
        allowed: `1 to ${Math.min(node.ports, MOST_PORT)}`,
      });
      return false;
    }
    const before = node.links.get(port);
    if (before) {
      this.#issues.add({
        code: 'duplicate-port',
        line: this.#line,
        message: `port ${port} of ${node.key} is listed twice: here and in line ${before.line}`,
      });
    }
    return before === undefined;
  }

  #broken(code: string, text: string, message: string): void {
    this.#issues.add({ code, line: this.#line, message, found: excerpt(text) });
  }
}

/** Bytes per second of '... "name" lid 73 4xNDR' with or without the older suffix; null when it is not there. */
function rateOf(comment: string): number | null {
  const tail = comment.slice(comment.lastIndexOf('"') + 1);
  const found = /\b(\d+)x([A-Z]+\d*)\b/.exec(tail);
  return found ? rateOfLanes(Number(found[1]), found[2]!) : null;
}
