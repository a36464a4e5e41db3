import type { Fabric } from '../fabric/types.ts';
import { parseQuantity } from '../units/parse.ts';
import { CorruptGzip, gunzipped, readLines } from './bytes.ts';
import { excerpt, IssueCollector } from './collector.ts';
import { csvFields } from './csv-fields.ts';
import { fabricOfNames, type NamedCable, type NamedEnd } from './named-graph.ts';
import { splitHost, stem } from './subnet-names.ts';
import type { Reader } from './types.ts';

const REQUIRED = ['a', 'a_port', 'b', 'b_port', 'rate'] as const;
const COLUMNS = [...REQUIRED, 'alive', 'a_kind', 'b_kind'] as const;
type Column = (typeof COLUMNS)[number];
/** Ports as the arrays of a Fabric can hold them. */
const MOST_PORT = 65535;
const WORDS: ReadonlyMap<string, boolean> = new Map([
  ['', true],
  ['1', true],
  ['true', true],
  ['yes', true],
  ['up', true],
  ['0', false],
  ['false', false],
  ['no', false],
  ['down', false],
]);

type Row = Readonly<Record<Column, string>> & { readonly line: number };

/**
 * Reads a plain list of cables: header `a,a_port,b,b_port,rate` in any order, and if wished `alive` (1 or 0) and
 * `a_kind`, `b_kind` (host or switch). Names as they are, ports 1-based whole numbers, rates with their unit
 * ('400 Gb/s'). Without kinds a node with a single cable is a NIC port of a host ('node1 nic0', 'node1-nic0' and
 * 'node1/nic0' belong to the host node1) and every other node a switch. Once a host is said, those not said are
 * switches; such a host has a NIC port for each of its cables. Lines that begin with # are passed over. The fabric counts as Ethernet.
 */
export const linksCsv: Reader<Fabric> = {
  name: 'links.csv',

  sniff(head) {
    const header = new TextDecoder()
      .decode(head)
      .split(/\r?\n/)
      .find((line) => !/^\s*(?:#|$)/.test(line));
    const names =
      header === undefined ? [] : csvFields(header.replace(/^\uFEFF/, '')).map((x) => x.toLowerCase());
    return names.includes('a') && names.includes('b') && names.includes('a_port');
  },

  async read(chunks, label) {
    const issues = new IssueCollector(label);
    const rows: Row[] = [];
    try {
      await readRows(readLines(gunzipped(chunks)), rows, issues);
    } catch (error) {
      if (!(error instanceof CorruptGzip)) throw error;
      issues.add({ code: 'corrupt-gzip', message: error.message });
    }
    const isHost = kinds(rows, issues);
    const cables: NamedCable[] = [];
    for (const row of rows) {
      const cable = cableOf(row, isHost, issues);
      if (cable) cables.push(cable);
    }
    return fabricOfNames(stem(label), 'roce', cables, issues);
  },
};

async function readRows(lines: AsyncIterable<string>, rows: Row[], issues: IssueCollector): Promise<void> {
  let header: string[] | null = null;
  let line = 0;
  for await (const text of lines) {
    line++;
    if (/^\s*(?:#|$)/.test(text)) continue;
    const values = csvFields(line === 1 ? text.replace(/^\uFEFF/, '') : text);
    if (header === null) {
      header = values.map((x) => x.toLowerCase());
      if (!checkHeader(header, line, issues)) return;
      continue;
    }
    if (values.length !== header.length) {
      const allowed = `${header.length} fields`;
      const message = `this line has ${values.length} fields`;
      issues.add({ code: 'truncated-line', line, message, found: excerpt(text), allowed });
      continue;
    }
    const row: Record<string, string> = Object.fromEntries(COLUMNS.map((c) => [c, '']));
    for (const [i, name] of header.entries()) row[name] = values[i]!;
    rows.push({ ...(row as Record<Column, string>), line });
  }
}

function checkHeader(header: readonly string[], line: number, issues: IssueCollector): boolean {
  const allowed = `${REQUIRED.join(',')}[,alive][,a_kind,b_kind]`;
  const missing = REQUIRED.filter((c) => !header.includes(c));
  const unknown = header.filter((c) => !COLUMNS.some((known) => known === c));
  for (const c of missing)
    issues.add({ code: 'missing-column', line, message: `there is no column '${c}'`, allowed });
  for (const c of unknown)
    issues.add({
      code: 'unknown-column',
      line,
      message: `there is no use for the column '${excerpt(c)}'`,
      allowed,
    });
  return missing.length === 0 && unknown.length === 0;
}

/** Which names are hosts: those said to be, and otherwise those with one cable. */
function kinds(rows: readonly Row[], issues: IssueCollector): (name: string) => boolean {
  const cables = new Map<string, number>();
  const said = new Map<string, string>();
  for (const row of rows) {
    for (const [name, kind] of [
      [row.a, row.a_kind],
      [row.b, row.b_kind],
    ] as const) {
      cables.set(name, (cables.get(name) ?? 0) + 1);
      if (kind === '') continue;
      const before = said.get(name) ?? kind;
      if (!['host', 'switch'].includes(kind) || before !== kind) {
        const message = `the kind of ${excerpt(name)}`;
        const allowed = before === kind ? 'host or switch' : `${before}, as in an earlier line`;
        issues.add({ code: 'wrong-value', line: row.line, message, found: excerpt(kind), allowed });
      }
      said.set(name, before);
    }
  }
  const hostsAreSaid = [...said.values()].includes('host');
  return (name) => (said.has(name) || hostsAreSaid ? said.get(name) === 'host' : cables.get(name) === 1);
}

function cableOf(row: Row, isHost: (name: string) => boolean, issues: IssueCollector): NamedCable | null {
  const a = endOf(row.a, row.a_port, isHost, row.line, issues);
  const b = endOf(row.b, row.b_port, isHost, row.line, issues);
  const rate = parseQuantity(row.rate, 'rate', 'Gb/s');
  if (!rate.ok || !(rate.value > 0)) {
    const problem = rate.ok ? { code: 'out-of-range', message: 'a rate is above 0' } : rate.problem;
    issues.add({ ...problem, line: row.line, found: excerpt(row.rate) });
  }
  const alive = WORDS.get(row.alive.toLowerCase());
  if (alive === undefined)
    issues.add({
      code: 'wrong-value',
      line: row.line,
      message: 'alive',
      found: excerpt(row.alive),
      allowed: '1 or 0',
    });
  return a && b && rate.ok && rate.value > 0
    ? { a, b, rate: rate.value, alive: alive ?? true, line: row.line }
    : null;
}

function endOf(
  name: string,
  portText: string,
  isHost: (name: string) => boolean,
  line: number,
  issues: IssueCollector,
): NamedEnd | null {
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : 0;
  if (name === '') {
    issues.add({ code: 'wrong-value', line, message: 'an end of this cable has no name' });
    return null;
  }
  if (port < 1 || port > MOST_PORT) {
    const message = `the port of ${excerpt(name)}`;
    issues.add({ code: 'port-range', line, message, found: excerpt(portText), allowed: `1 to ${MOST_PORT}` });
    return null;
  }
  if (!isHost(name)) return { isSwitch: true, name, host: '', device: '', port };
  const split = splitHost(name);
  if (split) return { isSwitch: false, name, ...split, port };
  return { isSwitch: false, name: `${name} port${port}`, host: name, device: `port${port}`, port };
}
