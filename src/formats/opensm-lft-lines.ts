import { LAST_UNICAST_LID } from '../fabric/identities.ts';
import { excerpt, type IssueCollector } from './collector.ts';
import { guidText } from './subnet-types.ts';

/** Entries of one switch as the dump lists them; the arrays share their index. */
export interface LftSection {
  /** Node GUID of the switch. */
  readonly guid: string;
  readonly line: number;
  readonly lids: Uint16Array;
  readonly ports: Uint16Array;
  readonly lines: Uint32Array;
}

const HEADING = /^Unicast lids \[[^\]]*\] of switch .*?guid 0x([0-9a-fA-F]{16})\b/;
const ROUTES_HEADING = /^dump_ucast_routes: Switch 0x([0-9a-fA-F]{1,16})\s*$/;
/** '0x0001 001 # Channel Adapter portguid 0x…', '0x0001 001 : (…)', '0x0001 : 001  : 01   : yes'. */
const ENTRY = /^0x([0-9a-fA-F]{1,8})\s+(?::\s+)?(\d{1,3})(?=\s|$)(.*)$/;
const UNREACHABLE = /^0x([0-9a-fA-F]{1,8})\s+(?::\s+)?(?:UNREACHABLE|:.*No path)/i;
const PORT_GUID = /\bportguid 0x([0-9a-fA-F]{16})\b/;
const FOOTER = /^\d+ (?:valid )?lids dumped\s*$/;
const IDLE = /^(?:\s*$|#|\s*Lid\s+Out\b|\s+Port\s+Info\b|LID\s+: Port\b|Multicast mlids)/;

/**
 * Reads the three texts in which forwarding tables are dumped: OpenSM's own (`opensm-lfts.dump`, what `-U` loads),
 * that of `dump_lfts`/`ibroute`, and OpenSM's `opensm.fdbs`, which tells no GUIDs of destinations. O(bytes).
 */
export class LftParser {
  readonly sections: LftSection[] = [];
  /** Port GUID that the comments give each LID, and the line that said so first. */
  readonly guidOfLid = new Map<number, string>();
  readonly #issues: IssueCollector;
  readonly #seen = new Map<string, number>();
  /** Of the section under way: a large fabric has ten million entries, so that only this one is kept loosely. */
  #current: { guid: string; line: number } | null = null;
  #lids: number[] = [];
  #ports: number[] = [];
  #lines: number[] = [];
  #skipping = false;
  /** Line of a section that must end with a count and has not yet. */
  #open = 0;
  #line = 0;

  constructor(issues: IssueCollector) {
    this.#issues = issues;
  }

  push(text: string): void {
    this.#line++;
    if (text.startsWith('0x')) this.#entry(text);
    else if (FOOTER.test(text)) this.#close();
    else if (text.startsWith('Unicast') || text.startsWith('dump_ucast')) this.#heading(text);
    else if (!IDLE.test(text))
      this.#broken('unreadable-line', text, 'this is no line of a dump of forwarding tables');
  }

  /** To be called after the last line: a section that never ended is a file cut off. */
  end(): void {
    if (this.#open > 0) this.#cutOff();
    this.#close();
  }

  #close(): void {
    this.#open = 0;
    if (this.#current === null) return;
    const [lids, ports, lines] = [this.#lids, this.#ports, this.#lines];
    this.sections.push({
      ...this.#current,
      lids: Uint16Array.from(lids),
      ports: Uint16Array.from(ports),
      lines: Uint32Array.from(lines),
    });
    this.#current = null;
    lids.length = ports.length = lines.length = 0;
  }

  #cutOff(): void {
    this.#issues.add({
      code: 'truncated-file',
      line: this.#open,
      message: `the section that begins here has no end: '… lids dumped' does not follow before line ${this.#line}`,
      hint: 'the dump looks cut off; take it again',
    });
  }

  #heading(text: string): void {
    if (this.#open > 0) this.#cutOff();
    this.#close();
    this.#skipping = true;
    const own = HEADING.exec(text);
    const found = own ?? ROUTES_HEADING.exec(text);
    if (!found) {
      this.#broken('truncated-line', text, 'the line that opens a switch is cut off or damaged');
      return;
    }
    const guid = guidText(found[1]!);
    if (own) this.#open = this.#line;
    const before = this.#seen.get(guid);
    if (before !== undefined) {
      this.#issues.add({
        code: 'duplicate-switch',
        line: this.#line,
        message: `the switch ${guid} has two tables: here and in line ${before}`,
        hint: 'two dumps joined into one? Give one dump a plane.',
      });
      return;
    }
    this.#seen.set(guid, this.#line);
    this.#skipping = false;
    this.#current = { guid, line: this.#line };
  }

  #entry(text: string): void {
    const found = ENTRY.exec(text);
    if (!found) {
      if (!UNREACHABLE.test(text)) this.#broken('truncated-line', text, 'the entry is cut off or damaged');
      return;
    }
    if (this.#current === null) {
      if (!this.#skipping) this.#broken('unreadable-line', text, 'an entry before any switch');
      return;
    }
    const lid = Number.parseInt(found[1]!, 16);
    if (lid < 1 || lid > LAST_UNICAST_LID) {
      this.#issues.add({
        code: 'lid-range',
        line: this.#line,
        message: 'the LID of this entry is out of range',
        found: `0x${found[1]}`,
        allowed: `0x0001 to 0x${LAST_UNICAST_LID.toString(16)}`,
      });
      return;
    }
    this.#lids.push(lid);
    this.#ports.push(Number(found[2]));
    this.#lines.push(this.#line);
    this.#noteGuid(lid, found[3]!);
  }

  /** The hot part: most entries repeat what an earlier section said of their LID. */
  #noteGuid(lid: number, comment: string): void {
    const known = this.guidOfLid.get(lid);
    if (known !== undefined && comment.includes(known)) return;
    const found = PORT_GUID.exec(comment);
    if (!found) return;
    const guid = guidText(found[1]!);
    if (known === undefined) this.guidOfLid.set(lid, guid);
    else if (known !== guid) {
      this.#issues.add({
        code: 'conflicting-lid',
        line: this.#line,
        message: `LID ${lid} is port GUID ${guid} here and ${known} above`,
        hint: 'two subnets in one file? Give one dump a plane.',
      });
    }
  }

  #broken(code: string, text: string, message: string): void {
    this.#issues.add({ code, line: this.#line, message, found: excerpt(text) });
  }
}
