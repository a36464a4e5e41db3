import { hasErrors, type Issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { isCutOff, isSwitch } from '../fabric/builder.ts';
import type { Fabric } from '../fabric/types.ts';
import { columnsOf } from '../routes/columns.ts';
import { NO_ENTRY, type TableRoutes } from '../routes/types.ts';
import { CorruptGzip, gunzipped, readLines } from './bytes.ts';
import { IssueCollector } from './collector.ts';
import { LftAddresses } from './lft-addresses.ts';
import { NO_PORT } from './lft-image.ts';
import { LftParser, type LftSection } from './opensm-lft-lines.ts';
import { stem } from './subnet-names.ts';
import type { Chunks } from './types.ts';

/** One entry (or one switch's missing ones) that no packet should follow. */
export interface LftFault {
  /**
   * 'missing-port': no cable in that port; 'dead-port': its cable is down; 'own-lid': a switch sends its own LID
   * out of a port; 'swallowed': port 0 for somebody else's LID; 'holes': `count` destinations without entry.
   */
  readonly code: 'missing-port' | 'dead-port' | 'own-lid' | 'swallowed' | 'holes';
  /** Node ids; destination -1 for holes. */
  readonly node: number;
  readonly destination: number;
  /** Of the LIDs of the destination; 0 is the base LID. */
  readonly offset: number;
  readonly port: number;
  readonly count: number;
  readonly file: string;
  readonly line: number;
}

/** Forwarding tables that a subnet has, over a fabric that we know. */
export interface LftTables {
  /** To the base LIDs of all endpoints. Rows of all switches; NO_ENTRY where there is none, or none that is cabled. */
  readonly routes: TableRoutes;
  /** By LID offset, length 2^LMC as the dump shows it; [0] is `routes`. */
  readonly byOffset: readonly TableRoutes[];
  /** By switch (node - endpoints): link ordinal towards every switch (by node - endpoints), NO_ENTRY where none. */
  readonly switchRows: readonly Uint16Array[];
  readonly faults: readonly LftFault[];
}

export interface LftInput {
  readonly chunks: Chunks;
  readonly label: string;
}

/**
 * Reads the dumps of forwarding tables of a fabric, one a plane, in any of the three texts (see LftParser), gzipped or
 * not. Destinations are found by port GUID, and by LID where the dump names no GUIDs. Faulty entries are data,
 * for they are what a check looks for; errors: what is no such dump, is cut off, lists a switch twice or a LID out
 * of range, or belongs to another fabric. O(bytes + switches * endpoints).
 */
export async function readOpensmLfts(
  inputs: readonly LftInput[],
  fabric: Fabric,
): Promise<Result<LftTables>> {
  const issues: Issue[] = [];
  const tables = new Tables(fabric, stem(inputs[0]?.label ?? ''));
  for (const { chunks, label } of inputs) {
    const collector = new IssueCollector(label);
    const parser = await parse(chunks, collector);
    const addresses = new LftAddresses(fabric, parser, collector);
    if (!hasErrors(collector.issues)) tables.add(parser.sections, addresses, label, collector);
    issues.push(...collector.issues);
  }
  if (hasErrors(issues)) return fail(issues);
  const missing = new IssueCollector(inputs.map((i) => i.label).join(', '));
  const value = tables.finish(missing);
  return ok(value, [...issues, ...missing.issues]);
}

async function parse(chunks: Chunks, issues: IssueCollector): Promise<LftParser> {
  const parser = new LftParser(issues);
  try {
    for await (const line of readLines(gunzipped(chunks))) parser.push(line);
    parser.end();
  } catch (error) {
    if (!(error instanceof CorruptGzip)) throw error;
    issues.add({ code: 'corrupt-gzip', message: error.message });
  }
  if (parser.sections.length === 0 && !hasErrors(issues.issues))
    issues.add({ code: 'no-table', message: 'the dump lists no forwarding table' });
  return parser;
}

/** The rows under construction. */
class Tables {
  readonly #fabric: Fabric;
  readonly #label: string;
  readonly #columns: ReturnType<typeof columnsOf>;
  readonly #offsets: Uint16Array[][] = [];
  readonly #switchRows: Uint16Array[] = [];
  readonly #faults: LftFault[] = [];
  /** File and line of each switch's section, by node - endpoints. */
  readonly #origin: ({ file: string; line: number } | undefined)[] = [];

  constructor(fabric: Fabric, label: string) {
    this.#fabric = fabric;
    this.#label = label;
    this.#columns = columnsOf(fabric);
    const switches = fabric.nodes - fabric.endpoints;
    for (let s = 0; s < switches; s++) this.#switchRows.push(new Uint16Array(switches).fill(NO_ENTRY));
    this.#rowsOf(0);
  }

  #rowsOf(offset: number): Uint16Array[] {
    const { endpoints, nodes, plane } = this.#fabric;
    while (this.#offsets.length <= offset) {
      const rows: Uint16Array[] = [];
      for (let n = endpoints; n < nodes; n++)
        rows.push(new Uint16Array(this.#columns.size[plane[n]!]!).fill(NO_ENTRY));
      this.#offsets.push(rows);
    }
    return this.#offsets[offset]!;
  }

  add(sections: readonly LftSection[], addresses: LftAddresses, file: string, issues: IssueCollector): void {
    for (const section of sections) {
      const node = addresses.switchOf(section.guid);
      if (node < 0) continue;
      const at = node - this.#fabric.endpoints;
      const before = this.#origin[at];
      if (before) {
        const message = `the switch ${this.#fabric.names[node]} has a table in ${before.file} too`;
        issues.add({ code: 'duplicate-switch', line: section.line, message });
        continue;
      }
      this.#origin[at] = { file, line: section.line };
      this.#addSection(node, section, addresses, file);
    }
  }

  #addSection(node: number, section: LftSection, addresses: LftAddresses, file: string): void {
    const linkOf = this.#linksByPort(node);
    const { endpoints, plane, linkStart, linkAlive } = this.#fabric;
    for (let i = 0; i < section.lids.length; i++) {
      const { node: to, offset } = addresses.destinationOf(section.lids[i]!);
      const port = section.ports[i]!;
      if (to < 0 || plane[to] !== plane[node] || port === NO_PORT) continue;
      const where = { node, destination: to, offset, port, count: 1, file, line: section.lines[i]! };
      if (to === node || port === 0) {
        if (to !== node) this.#faults.push({ code: 'swallowed', ...where });
        else if (port !== 0) this.#faults.push({ code: 'own-lid', ...where });
        continue;
      }
      const link = linkOf.get(port);
      if (link === undefined) this.#faults.push({ code: 'missing-port', ...where });
      else {
        if (linkAlive[link] !== 1) this.#faults.push({ code: 'dead-port', ...where });
        const row = isSwitch(this.#fabric, to)
          ? this.#switchRows[node - endpoints]!
          : this.#rowsOf(offset)[node - endpoints]!;
        const column = isSwitch(this.#fabric, to) ? to - endpoints : this.#columns.column[to]!;
        row[column] = link - linkStart[node]!;
      }
    }
  }

  #linksByPort(node: number): Map<number, number> {
    const { linkStart, linkPort } = this.#fabric;
    const links = new Map<number, number>();
    for (let l = linkStart[node]!; l < linkStart[node + 1]!; l++) links.set(linkPort[l]!, l);
    return links;
  }

  finish(issues: IssueCollector): LftTables {
    const { endpoints, nodes, names } = this.#fabric;
    for (let node = endpoints; node < nodes; node++) {
      const origin = this.#origin[node - endpoints];
      if (!origin) {
        const message = `there is no table for the switch ${names[node]}`;
        issues.add({ code: 'missing-switch', severity: 'warning', message });
      }
      const count = this.#holes(node);
      if (count === 0) continue;
      const { file, line } = origin ?? { file: '', line: 0 };
      this.#faults.push({ code: 'holes', node, destination: -1, offset: 0, port: 0, count, file, line });
    }
    const { column } = this.#columns;
    const byOffset = this.#offsets.map((rows, offset): TableRoutes => {
      const label = offset === 0 ? this.#label : `${this.#label} LID+${offset}`;
      return { kind: 'tables', label, rows, column };
    });
    return { routes: byOffset[0]!, byOffset, switchRows: this.#switchRows, faults: this.#faults };
  }

  /** Destinations of the switch's plane with a live cable that no entry leads to: endpoints (base LID) and switches. */
  #holes(node: number): number {
    const { endpoints, nodes, plane } = this.#fabric;
    if (isCutOff(this.#fabric, node)) return 0;
    let count = 0;
    for (let to = 0; to < endpoints; to++) {
      const entry = this.#offsets[0]![node - endpoints]![this.#columns.column[to]!];
      if (plane[to] === plane[node] && entry === NO_ENTRY && !isCutOff(this.#fabric, to)) count++;
    }
    const row = this.#switchRows[node - endpoints]!;
    for (let to = endpoints; to < nodes; to++) {
      if (to === node || plane[to] !== plane[node] || row[to - endpoints] !== NO_ENTRY) continue;
      if (!isCutOff(this.#fabric, to)) count++;
    }
    return count;
  }
}
