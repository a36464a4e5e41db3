import { fail, ok, type Result } from '../base/result.ts';
import { nicsOf } from '../fabric/nics.ts';
import type { Fabric, FlowSchedule } from '../fabric/types.ts';
import { CorruptGzip, gunzipped, readLines } from './bytes.ts';
import { excerpt, IssueCollector } from './collector.ts';
import { type Trigger, triggerPhases } from './htsim-triggers.ts';
import type { Chunks } from './types.ts';

// literal: picoseconds in a file, seconds in a schedule
const PICO = 1e-12;
const MOST_BYTES = Number.MAX_SAFE_INTEGER;
/** Structure of arrays of this many flows still fits a process of ordinary size. */
const MOST_FLOWS = 8_388_608;
const GRAMMAR =
  'FROM->TO [id N] start PICOSECONDS | trigger N size BYTES [send_done_trigger N] [recv_done_trigger N]';

/**
 * Reads htsim's connection matrices (`*.cm`): `Nodes`, `Connections`, `Triggers`, then a line a flow, hosts by number,
 * and a line a trigger (see htsim-triggers.ts). Host i is the i-th NIC of the fabric, in its own
 * order; a NIC with a port on every plane stands as its first endpoint. Triggers become phases. `size`: bytes
 * of every flow, whatever the file says. All issues at once
 * with line and flow: 'unknown-host', 'self-flow', 'zero-size', 'unknown-word', 'wrong-number', 'no-start',
 * 'doubled-id', 'count-differs', those of triggers, 'failures', 'too-many-flows', 'empty'. O(lines).
 */
export async function readHtsimCm(
  chunks: Chunks,
  label: string,
  fabric: Fabric,
  { size = null }: { readonly size?: number | null } = {},
): Promise<Result<FlowSchedule>> {
  const issues = new IssueCollector(label);
  const reader = new MatrixReader(fabric, issues, size);
  try {
    for await (const line of readLines(gunzipped(chunks))) if (!reader.push(line)) break;
  } catch (error) {
    if (!(error instanceof CorruptGzip)) throw error;
    issues.add({ code: 'corrupt-gzip', message: error.message });
  }
  return reader.finish(label);
}

class MatrixReader {
  readonly #fabric: Fabric;
  readonly #issues: IssueCollector;
  /** Bytes of every flow instead of the file's. */
  readonly #size: number | null;
  /** Endpoint that stands for each host number. */
  readonly #hosts: Int32Array;
  readonly #head = new Map<string, { readonly value: number; readonly line: number }>();
  readonly #src: number[] = [];
  readonly #dst: number[] = [];
  readonly #bytes: number[] = [];
  readonly #start: number[] = [];
  /** Trigger number that begins the flow, 0 for the clock; and those its end fires. */
  readonly #begunBy: number[] = [];
  readonly #fires: (readonly number[])[] = [];
  readonly #lines: number[] = [];
  readonly #ids = new Map<number, number>();
  readonly #triggers = new Map<number, Trigger>();
  #connections = 0;
  #triggerLines = 0;
  #line = 0;

  constructor(fabric: Fabric, issues: IssueCollector, size: number | null) {
    this.#size = size;
    this.#fabric = fabric;
    this.#issues = issues;
    const { start, endpoint, count } = nicsOf(fabric);
    this.#hosts = Int32Array.from({ length: count }, (_, i) => endpoint[start[i]!]!);
  }

  /** False when there is no use in reading on. */
  push(text: string): boolean {
    this.#line++;
    const line = text.trim();
    if (line === '' || line.startsWith('#')) return true;
    const words = line.split(/\s+/);
    if (words[0]!.includes('->')) return this.#connection(words, line);
    if (words[0] === 'trigger') this.#trigger(words, line);
    else if (words[0] === 'failure') {
      const hint = 'take the line out and give --without or --fail';
      this.#wrong('failures', 'failures in a connection matrix are not read', line, undefined, hint);
    } else if (['Nodes', 'Connections', 'Triggers', 'Failures'].includes(words[0]!))
      this.#header(words, line);
    else this.#wrong('unknown-word', 'a line that is no flow and no trigger', line, GRAMMAR);
    return true;
  }

  #header(words: readonly string[], line: string): void {
    const value = words.length === 2 ? whole(words[1]!) : null;
    if (value === null) this.#wrong('wrong-number', `the number of ${words[0]}`, line, 'a whole number');
    else this.#head.set(words[0]!, { value, line: this.#line });
  }

  #connection(words: readonly string[], line: string): boolean {
    const index = this.#connections++;
    if (index >= MOST_FLOWS) {
      this.#wrong('too-many-flows', 'more flows than memory', line, `${MOST_FLOWS} flows`);
      return false;
    }
    const ends = /^(\d{1,9})->(\d{1,9})$/.exec(words[0]!);
    if (ends === null) {
      this.#wrong('wrong-number', `flow ${index}: the ends of a flow are two host numbers`, line, GRAMMAR);
      return true;
    }
    const src = this.#host(Number(ends[1]), index);
    const dst = this.#host(Number(ends[2]), index);
    const values = this.#values(words, index, line);
    if (values === null) return true;
    const bytes = this.#size ?? values.get('size') ?? 0;
    if (!(bytes > 0)) this.#wrong('zero-size', `flow ${index} moves no bytes`, line, 'a size above 0');
    if (Number(ends[1]) === Number(ends[2]))
      this.#wrong('self-flow', `flow ${index} goes from host ${Number(ends[1])} to itself`, line);
    const trigger = values.get('trigger') ?? 0;
    if (values.has('start') === values.has('trigger'))
      this.#wrong('no-start', `flow ${index} begins either at a time or by a trigger`, line, GRAMMAR);
    this.#takeId(values.get('id'), index, line);
    if (src === null || dst === null) return true;
    const flow = this.#src.length;
    this.#src.push(src);
    this.#dst.push(dst);
    this.#bytes.push(bytes);
    this.#start.push((values.get('start') ?? 0) * PICO);
    this.#begunBy.push(trigger);
    if (trigger > 0) this.#triggerOf(trigger).begins.push(flow);
    const fires = ['send_done_trigger', 'recv_done_trigger'].flatMap((key) => values.get(key) ?? []);
    for (const t of fires) this.#triggerOf(t).firedBy.push(flow);
    this.#fires.push(fires);
    this.#lines.push(this.#line);
    return true;
  }

  /** The words after the ends, by name; null (and issues) when one is not understood. */
  #values(words: readonly string[], index: number, line: string): Map<string, number> | null {
    const known = ['id', 'start', 'size', 'trigger', 'send_done_trigger', 'recv_done_trigger', 'prio'];
    const values = new Map<string, number>();
    for (let i = 1; i < words.length; i += 2) {
      const key = words[i]!;
      const text = words[i + 1] ?? '';
      // A start may be written with a fraction; everything else is a whole number.
      const value = key === 'start' && /^\d{1,18}(\.\d*)?$/.test(text) ? Number(text) : whole(text);
      if (!known.includes(key)) {
        this.#wrong('unknown-word', `flow ${index}: '${excerpt(key)}' is not understood`, line, GRAMMAR);
        return null;
      }
      if (value === null || (value === 0 && /trigger|id/.test(key))) {
        const message = `flow ${index}: the number of ${key}`;
        this.#wrong('wrong-number', message, text, `a whole number${key === 'size' ? '' : ' above 0'}`);
        return null;
      }
      values.set(key, value);
    }
    return values;
  }

  #host(number: number, index: number): number | null {
    const nodes = this.#head.get('Nodes')?.value ?? this.#hosts.length;
    if (number < this.#hosts.length && number < nodes) return this.#hosts[number]!;
    const stated = number >= nodes ? 'Nodes says' : `${this.#fabric.name} has`;
    const count = Math.min(nodes, this.#hosts.length);
    this.#wrong(
      'unknown-host',
      `flow ${index}: there is no host ${number}; ${stated} ${count}`,
      String(number),
      `0 to ${count - 1}`,
    );
    return null;
  }

  #takeId(id: number | undefined, index: number, line: string): void {
    if (id === undefined) return;
    const before = this.#ids.get(id);
    if (before !== undefined)
      this.#wrong('doubled-id', `flow ${index} has the id of the flow in line ${before}`, line);
    else this.#ids.set(id, this.#line);
  }

  #triggerOf(number: number): Trigger {
    const known = this.#triggers.get(number);
    if (known !== undefined) return known;
    const made: Trigger = { kind: null, count: 0, line: this.#line, begins: [], firedBy: [] };
    this.#triggers.set(number, made);
    return made;
  }

  #trigger(words: readonly string[], line: string): void {
    this.#triggerLines++;
    const found = /^trigger id (\d{1,9}) (oneshot|multishot|barrier)(?: count (\d{1,9}))?$/.exec(
      words.join(' '),
    );
    if (found === null || Number(found[1]) === 0) {
      this.#wrong(
        'unknown-word',
        'a trigger is not understood',
        line,
        'trigger id N oneshot | multishot | barrier count N',
      );
      return;
    }
    const trigger = this.#triggerOf(Number(found[1]));
    if (trigger.kind !== null) this.#wrong('doubled-id', `trigger ${found[1]} stands twice`, line);
    trigger.kind = found[2] as 'oneshot' | 'multishot' | 'barrier';
    trigger.count = found[3] === undefined ? 1 : Number(found[3]);
    if (trigger.kind === 'barrier' && !(trigger.count > 0))
      this.#wrong('wrong-number', 'a barrier waits for at least one flow', line, 'count above 0');
  }

  finish(label: string): Result<FlowSchedule> {
    const count = this.#src.length;
    this.#checkCount('Connections', this.#connections);
    this.#checkCount('Triggers', this.#triggerLines);
    if (count === 0 && !this.#issues.hasErrors)
      this.#issues.add({ code: 'empty', message: 'the connection matrix has no flows' });
    if (this.#issues.hasErrors) return fail(this.#issues.issues);
    const begun = { begunBy: this.#begunBy, fires: this.#fires, lines: this.#lines };
    const { phase, phases } = triggerPhases(begun, this.#triggers, this.#issues);
    if (this.#issues.hasErrors) return fail(this.#issues.issues);
    const flows = {
      count,
      src: Int32Array.from(this.#src),
      dst: Int32Array.from(this.#dst),
      bytes: Float64Array.from(this.#bytes),
      operation: new Uint16Array(count),
      invocations: new Float64Array(count).fill(1),
      operations: [label],
    };
    const offset = Float64Array.from(this.#start);
    const lines = Uint32Array.from(this.#lines);
    return ok({ flows, offset, phase, phases, lines }, this.#issues.issues);
  }

  #checkCount(key: string, found: number): void {
    const stated = this.#head.get(key);
    if (stated === undefined ? key === 'Triggers' && found === 0 : stated.value === found) return;
    const message =
      stated === undefined
        ? `the number of ${key} is missing at the top`
        : `the head says ${stated.value} ${key}, the file has ${found}`;
    this.#issues.add({ code: 'count-differs', ...(stated && { line: stated.line }), message });
  }

  #wrong(code: string, message: string, found: string, allowed?: string, hint?: string): void {
    const more = { ...(allowed !== undefined && { allowed }), ...(hint !== undefined && { hint }) };
    this.#issues.add({ code, line: this.#line, message, found: excerpt(found), ...more });
  }
}

function whole(text: string): number | null {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return value <= MOST_BYTES ? value : null;
}
