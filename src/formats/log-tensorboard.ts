import { ok } from '../base/result.ts';
import { IssueCollector } from './collector.ts';
import { crc32c, maskedCrc32c } from './crc32c.ts';
import { ColumnNames } from './log-columns.ts';
import type { LogReader, LogSink } from './log-types.ts';
import type { Chunks } from './types.ts';

/** Length, its CRC; data; its CRC. */
const HEAD = 12;
const TAIL = 4;
/** A record beyond this is a graph or a picture: passed over without being held. */
const LARGEST = 16 * 1024 * 1024;
/** No file holds a larger one: the length itself is damaged. */
const ABSURD = 4 * 1024 * 1024 * 1024;

/**
 * TensorBoard event files: TFRecords (length, CRC-32C, data, CRC-32C) of Event messages (wall_time 1, step 2, summary 5
 * of values with tag 1, simple_value 2 or tensor 8). Half a record or a damaged one is said with its number and byte.
 */
export const logTensorboard: LogReader = {
  name: 'TensorBoard events',
  sniff(head) {
    return head.length >= HEAD && view(head).getUint32(8, true) === maskedCrc32c(head.subarray(0, 8));
  },
  async read(chunks, label, sink) {
    const issues = new IssueCollector(label);
    const events = new Events(sink);
    const records = await readRecords(chunks, issues, (data, number) => {
      if (!events.take(data, number)) warn(issues, number, 'the record is not an event; it is left out');
    });
    return ok({ format: this.name, lines: records, points: events.points }, issues.issues);
  },
};

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function warn(issues: IssueCollector, record: number, message: string): void {
  issues.add({
    code: 'tensorboard',
    severity: 'warning',
    line: record,
    message: `record ${record}: ${message}`,
  });
}

async function readRecords(
  chunks: Chunks,
  issues: IssueCollector,
  take: (data: Uint8Array, number: number) => void,
): Promise<number> {
  let held = new Uint8Array(0);
  let at = 0;
  let number = 0;
  let skip = 0;
  for await (const chunk of chunks) {
    held = held.length === 0 ? new Uint8Array(chunk) : joined(held, chunk);
    for (;;) {
      if (skip > 0) {
        const passed = Math.min(skip, held.length);
        held = held.subarray(passed);
        skip -= passed;
        at += passed;
        if (skip > 0) break;
      }
      if (held.length < HEAD) break;
      const header = view(held);
      const length = header.getUint32(0, true) + header.getUint32(4, true) * 2 * 0x80000000;
      const sound = header.getUint32(8, true) === maskedCrc32c(held.subarray(0, 8)) && length < ABSURD;
      if (!sound) {
        warn(issues, number + 1, `its length is damaged (byte ${at}); nothing after it can be read`);
        return number;
      }
      if (length > LARGEST) {
        number++;
        skip = HEAD + length + TAIL;
        continue;
      }
      const whole = HEAD + length + TAIL;
      if (held.length < whole) break;
      number++;
      const data = held.subarray(HEAD, HEAD + length);
      if (header.getUint32(HEAD + length, true) === maskedCrc32c(data)) take(data, number);
      else
        warn(
          issues,
          number,
          `its checksum ${crc32c(data).toString(16)} is wrong (byte ${at}); it is left out`,
        );
      held = held.subarray(whole);
      at += whole;
    }
  }
  if (held.length > 0 || skip > 0)
    warn(issues, number + 1, `only part of it is there (byte ${at}, ${held.length} bytes); it is left out`);
  return number;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

class Events {
  points = 0;
  readonly #sink: LogSink;
  readonly #decoder = new TextDecoder();
  readonly #names = new ColumnNames();

  constructor(sink: LogSink) {
    this.#sink = sink;
  }

  /** False when the bytes are no Event message. */
  take(data: Uint8Array, record: number): boolean {
    let time = Number.NaN;
    let step = 0;
    const summaries: Uint8Array[] = [];
    const sound = eachField(data, (field, wire, at, end) => {
      if (field === 1 && wire === 1) time = view(data).getFloat64(at, true);
      else if (field === 2 && wire === 0) step = varint(data, at).value;
      else if (field === 5 && wire === 2) summaries.push(data.subarray(at, end));
    });
    if (!sound) return false;
    return summaries.every((summary) =>
      eachField(summary, (field, wire, at, end) => {
        if (field === 1 && wire === 2) this.#value(summary.subarray(at, end), step, time, record);
      }),
    );
  }

  #value(bytes: Uint8Array, step: number, time: number, record: number): void {
    let tag = '';
    let value: number | undefined;
    const sound = eachField(bytes, (field, wire, at, end) => {
      if (field === 1 && wire === 2) tag = this.#decoder.decode(bytes.subarray(at, end));
      else if (field === 2 && wire === 5) value = view(bytes).getFloat32(at, true);
      else if (field === 8 && wire === 2) value = scalarOf(bytes.subarray(at, end));
    });
    const column = this.#names.column(tag);
    if (!sound || value === undefined || column?.is !== 'series') return;
    if (!Number.isSafeInteger(step) || step < 0) return;
    this.points++;
    this.#sink.point(column.series, step, time, value * column.scale, record, -1);
  }
}

/** The one number of a TensorProto: float_val 5, double_val 6, or tensor_content 4 of dtype 1 (float, 1; double, 2). */
function scalarOf(tensor: Uint8Array): number | undefined {
  let type = 0;
  let value: number | undefined;
  let content: Uint8Array | undefined;
  eachField(tensor, (field, wire, at, end) => {
    if (field === 1 && wire === 0) type = varint(tensor, at).value;
    else if (field === 4 && wire === 2) content = tensor.subarray(at, end);
    else if (field === 5 && end - at === 4) value = view(tensor).getFloat32(at, true);
    else if (field === 6 && end - at === 8) value = view(tensor).getFloat64(at, true);
  });
  if (value === undefined && content?.length === 4 && type === 1) return view(content).getFloat32(0, true);
  if (value === undefined && content?.length === 8 && type === 2) return view(content).getFloat64(0, true);
  return value;
}

/** A base-128 number: its value (inexact beyond 2^53) and where it ends; -1 when it does not. */
function varint(bytes: Uint8Array, at: number): { value: number; end: number } {
  let value = 0;
  let scale = 1;
  for (let i = at; i < bytes.length && i < at + 10; i++) {
    const b = bytes[i]!;
    value += (b & 127) * scale;
    if (b < 128) return { value, end: i + 1 };
    scale *= 128;
  }
  return { value, end: -1 };
}

/** Walks the fields of a protobuf message: number, wire type, and where the payload lies. False when it is damaged. */
function eachField(
  bytes: Uint8Array,
  take: (field: number, wire: number, at: number, end: number) => void,
): boolean {
  let at = 0;
  while (at < bytes.length) {
    const key = varint(bytes, at);
    if (key.end < 0) return false;
    const wire = key.value % 8;
    let start = key.end;
    let end = -1;
    if (wire === 0) end = varint(bytes, start).end;
    else if (wire === 1) end = start + 8;
    else if (wire === 5) end = start + 4;
    else if (wire === 2) {
      const length = varint(bytes, start);
      if (length.end < 0) return false;
      start = length.end;
      end = start + length.value;
    }
    if (end < 0 || end > bytes.length) return false;
    take(Math.floor(key.value / 8), wire, start, end);
    at = end;
  }
  return true;
}
