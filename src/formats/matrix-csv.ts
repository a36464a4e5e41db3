import { fail, ok, type Result } from '../base/result.ts';
import { type Fabric, type Flows, NodeKind } from '../fabric/types.ts';
import { nearest } from '../units/nearest.ts';
import { CorruptGzip, gunzipped, readLines } from './bytes.ts';
import { excerpt, IssueCollector } from './collector.ts';
import type { Chunks } from './types.ts';

/** Nearest names are looked for this often: each search reads every name of the fabric. */
const NEAREST = 5;

/**
 * Reads a demand between NICs or hosts, `from,to,bytes` a line (what `plan --out` writes as traffic-nic.csv and
 * traffic-node.csv; the header line may be left out), as flows of one operation, `label`. Bytes from host to host are
 * shared out evenly over the NICs that both have in the same place (same plane and NIC number). All issues at once,
 * with their line: 'unknown-name', 'wrong-number', 'wrong-columns', 'no-common-nic', 'empty'. O(lines).
 */
export async function readMatrixCsv(chunks: Chunks, label: string, fabric: Fabric): Promise<Result<Flows>> {
  const read = await readMatrixLines(chunks, label, fabric, { strict: false });
  return read.ok ? ok(read.value.flows, read.issues) : read;
}

/** The same with each flow's line. `strict`: a line of no bytes or from a NIC to itself is an issue, not passed over. */
export async function readMatrixLines(
  chunks: Chunks,
  label: string,
  fabric: Fabric,
  { strict }: { readonly strict: boolean },
): Promise<Result<{ readonly flows: Flows; readonly lines: Uint32Array }>> {
  const issues = new IssueCollector(label);
  const reader = new MatrixReader(fabric, issues, strict);
  try {
    for await (const line of readLines(gunzipped(chunks))) reader.push(line);
  } catch (error) {
    if (!(error instanceof CorruptGzip)) throw error;
    issues.add({ code: 'corrupt-gzip', message: error.message });
  }
  if (issues.issues.length === 0 && reader.src.length === 0)
    issues.add({ code: 'empty', message: 'the matrix moves no bytes from one endpoint to another' });
  if (issues.issues.length > 0) return fail(issues.issues);
  const count = reader.src.length;
  const flows = {
    count,
    src: Int32Array.from(reader.src),
    dst: Int32Array.from(reader.dst),
    bytes: Float64Array.from(reader.bytes),
    operation: new Uint16Array(count),
    invocations: new Float64Array(count).fill(1),
    operations: [label],
  };
  return ok({ flows, lines: Uint32Array.from(reader.lines) });
}

class MatrixReader {
  readonly src: number[] = [];
  readonly dst: number[] = [];
  readonly bytes: number[] = [];
  readonly lines: number[] = [];
  readonly #strict: boolean;
  readonly #fabric: Fabric;
  readonly #issues: IssueCollector;
  /** Endpoints of each name: one of a NIC's, all of a host's. */
  readonly #named = new Map<string, readonly number[]>();
  #line = 0;
  #suggested = 0;

  constructor(fabric: Fabric, issues: IssueCollector, strict: boolean) {
    this.#strict = strict;
    this.#fabric = fabric;
    this.#issues = issues;
    const byHost: number[][] = Array.from({ length: fabric.hosts.count }, () => []);
    for (let e = 0; e < fabric.endpoints; e++) {
      if (fabric.kind[e] !== NodeKind.endpoint) continue;
      byHost[fabric.hosts.of[e]!]?.push(e);
    }
    for (const [h, list] of byHost.entries()) this.#named.set(fabric.hosts.names[h]!, list);
    // A NIC's own name wins over a host that is called the same.
    for (let e = 0; e < fabric.endpoints; e++)
      if (fabric.kind[e] === NodeKind.endpoint) this.#named.set(fabric.names[e]!, [e]);
  }

  push(text: string): void {
    this.#line++;
    if (text.trim() === '' || text.startsWith('#')) return;
    const cells = text.split(',').map((c) => c.trim());
    if (this.#line === 1 && cells.join(',').toLowerCase() === 'from,to,bytes') return;
    if (cells.length !== 3) {
      this.#wrong('wrong-columns', 'a line has three columns', text, 'from,to,bytes');
      return;
    }
    const from = this.#endpoints(cells[0]!);
    const to = this.#endpoints(cells[1]!);
    const bytes = cells[2] === '' ? Number.NaN : Number(cells[2]);
    if (!(bytes >= 0 && bytes < Number.POSITIVE_INFINITY)) {
      this.#wrong('wrong-number', 'the bytes of a line are not a number', cells[2]!, 'a number, 0 or more');
      return;
    }
    if (bytes === 0 && this.#strict)
      this.#wrong('zero-size', 'a flow moves at least one byte', text, 'bytes above 0');
    if (from !== null && to !== null && bytes > 0) this.#add(from, to, bytes, text);
  }

  #endpoints(name: string): readonly number[] | null {
    const found = this.#named.get(name);
    if (found !== undefined && found.length > 0) return found;
    const near = this.#suggested++ < NEAREST ? nearest(name, [...this.#named.keys()]) : undefined;
    this.#issues.add({
      code: 'unknown-name',
      line: this.#line,
      message: `there is no NIC or host '${excerpt(name)}' in ${this.#fabric.name}`,
      ...(near === undefined ? {} : { nearest: near }),
    });
    return null;
  }

  #add(from: readonly number[], to: readonly number[], bytes: number, text: string): void {
    if (from === to || (from.length === 1 && from[0] === to[0])) {
      if (this.#strict)
        this.#wrong('self-flow', 'a flow goes from one NIC to another', text, 'two different names');
      return;
    }
    const pairs = from.length === 1 && to.length === 1 ? [[from[0]!, to[0]!]] : this.#sameNics(from, to);
    if (pairs.length === 0) {
      this.#wrong(
        'no-common-nic',
        'the two hosts have no NIC in the same place',
        text,
        'hosts on one network',
      );
      return;
    }
    for (const [a, b] of pairs) {
      this.src.push(a!);
      this.dst.push(b!);
      this.bytes.push(bytes / pairs.length);
      this.lines.push(this.#line);
    }
  }

  /** Pairs on one plane, of one NIC number where both are whole hosts. */
  #sameNics(from: readonly number[], to: readonly number[]): number[][] {
    const { plane, hosts } = this.#fabric;
    const whole = from.length > 1 && to.length > 1;
    const pairs: number[][] = [];
    for (const a of from) {
      for (const b of to) {
        if (plane[a] === plane[b] && (!whole || hosts.nic[a] === hosts.nic[b])) pairs.push([a, b]);
      }
    }
    return pairs;
  }

  #wrong(code: string, message: string, found: string, allowed: string): void {
    this.#issues.add({ code, line: this.#line, message, found: excerpt(found), allowed });
  }
}
