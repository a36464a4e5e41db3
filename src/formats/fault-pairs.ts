import type { Fault, FaultLog } from '../risk/types.ts';
import { excerpt, type IssueCollector } from './collector.ts';
import { parseLogTime, type TimeForm } from './log-time.ts';

export type FaultPart = 'node' | 'time' | 'event' | 'start' | 'end' | 'cause';
type FaultRecord = Readonly<Partial<Record<FaultPart, unknown>>>;

interface Open {
  readonly node: string;
  readonly start: number;
  end: number | null;
  readonly cause: string;
  readonly level: string | null;
}

/** A stretch without any fault is a gap when so many were to be expected in it. */
const EXPECTED_IN_GAP = 30;

/** Puts starts and ends together, and notices what a log of faults cannot be. */
export class FaultPairs {
  /** Seconds of one in a bare number. */
  unit: number;
  readonly #issues: IssueCollector;
  readonly #faults: Open[] = [];
  /** Faults not yet over, by node and cause. */
  readonly #open = new Map<string, Open[]>();
  /** Events as written, to notice a repetition. */
  readonly #seen = new Set<string>();
  #form: TimeForm | undefined;
  #latest = Number.NEGATIVE_INFINITY;
  #unordered = false;

  constructor(issues: IssueCollector, unit: number) {
    this.#issues = issues;
    this.unit = unit;
  }

  add(record: FaultRecord, line: number): void {
    const node = record.node;
    if ((typeof node !== 'string' || node === '') && typeof node !== 'number') {
      this.#issues.add({ code: 'missing-column', line, message: 'this record names no node' });
      return;
    }
    const about = { node: String(node), ...causeOf(record.cause) };
    if (record.start !== undefined) this.#whole(record, about, line);
    else this.#half(record, about, line);
  }

  #whole(record: FaultRecord, about: Pick<Fault, 'node' | 'cause' | 'level'>, line: number): void {
    const start = this.#time(record.start, line);
    const over = record.end !== undefined && record.end !== null;
    const end = over ? this.#time(record.end, line) : null;
    if (start === undefined || end === undefined) return;
    if (end !== null && end < start) {
      this.#issues.add({ code: 'end-before-start', line, message: 'the fault ends before it begins' });
      return;
    }
    if (this.#repeats(`${about.node}|${start}|${end}|${about.cause}`, line)) return;
    this.#notice(start, line);
    if (end !== null) this.#latest = Math.max(this.#latest, end);
    this.#faults.push({ ...about, start, end });
  }

  #half(record: FaultRecord, about: Pick<Fault, 'node' | 'cause' | 'level'>, line: number): void {
    const event = String(record.event ?? '').toLowerCase();
    const ends = /end|recover|resolve|clear|up$/u.test(event);
    const starts = /start|begin|fault|fail|open|down$/u.test(event);
    if (!ends && !starts) {
      const message = 'this record says neither that a fault begins nor that it ends';
      this.#issues.add({ code: 'unknown-event', line, message, allowed: 'fault_start, fault_end' });
      return;
    }
    const time = this.#time(record.time, line);
    if (time === undefined) return;
    const key = `${about.node}|${about.cause}`;
    if (this.#repeats(`${key}|${time}|${ends ? 'end' : 'start'}`, line)) return;
    this.#notice(time, line);
    if (!ends) {
      const fault: Open = { ...about, start: time, end: null };
      this.#faults.push(fault);
      const open = this.#open.get(key) ?? [];
      open.push(fault);
      this.#open.set(key, open);
      return;
    }
    const fault = this.#open.get(key)?.shift();
    if (fault === undefined) {
      const message = `a fault of ${about.node} ends here that never began`;
      this.#issues.add({ code: 'no-start', line, message, hint: 'ends must follow their starts' });
    } else if (time < fault.start) {
      this.#issues.add({ code: 'end-before-start', line, message: 'the fault ends before it begins' });
    } else {
      fault.end = time;
    }
  }

  #time(raw: unknown, line: number): number | undefined {
    const parsed = parseLogTime(raw, this.unit);
    if (!parsed.ok) {
      this.#issues.add({ ...parsed.problem, line });
      return undefined;
    }
    this.#form ??= parsed.value.form;
    if (parsed.value.form !== this.#form) {
      const said = { number: 'bare numbers', quantity: 'times with a unit', date: 'dates' };
      const message = `${said[parsed.value.form]} here, and ${said[this.#form]} before`;
      this.#issues.add({ code: 'mixed-units', line, message, hint: 'write all times of a log in one way' });
      return undefined;
    }
    return parsed.value.seconds;
  }

  #repeats(key: string, line: number): boolean {
    if (!this.#seen.has(key)) {
      this.#seen.add(key);
      return false;
    }
    const message = 'this record was there before; it is counted once';
    this.#issues.add({ code: 'duplicate', severity: 'warning', line, message });
    return true;
  }

  #notice(time: number, line: number): void {
    if (time < this.#latest && !this.#unordered) {
      this.#unordered = true;
      const message = 'the log is not in order of time from here on; it is sorted';
      this.#issues.add({ code: 'unordered', severity: 'warning', line, message });
    }
    this.#latest = Math.max(this.#latest, time);
  }

  /** The log from its beginning: bare numbers and times as they are, dates from the first one on. */
  finish(): FaultLog {
    if (this.#faults.length === 0) return { faults: [], last: 0 };
    const faults = [...this.#faults].sort((a, b) => a.start - b.start);
    const origin = this.#form === 'date' ? faults[0]!.start : 0;
    const shifted = faults.map(
      (f): Fault => ({
        ...f,
        start: f.start - origin,
        end: f.end === null ? null : f.end - origin,
      }),
    );
    const last = this.#latest - origin;
    this.#findGaps(shifted, last);
    const open = shifted.filter((f) => f.end === null).length;
    if (open > 0) {
      const message = `${open} faults have no end; they count as faults, not in the time to repair`;
      this.#issues.add({ code: 'no-end', severity: 'warning', message });
    }
    return { faults: shifted, last };
  }

  #findGaps(faults: readonly Fault[], last: number): void {
    const usual = last / faults.length;
    for (let i = 1; i < faults.length; i++) {
      const quiet = faults[i]!.start - faults[i - 1]!.start;
      if (quiet < EXPECTED_IN_GAP * usual) continue;
      const days = (seconds: number) => Number((seconds / 86_400).toPrecision(4));
      this.#issues.add({
        code: 'gap',
        severity: 'warning',
        message:
          `no fault from day ${days(faults[i - 1]!.start)} to day ${days(faults[i]!.start)}, where about ` +
          `${Math.round(quiet / usual)} were to be expected: is a part of the log missing?`,
      });
    }
  }
}

/** Level, class and description joined; the level apart. */
function causeOf(raw: unknown): Pick<Fault, 'cause' | 'level'> {
  if (typeof raw === 'string' || typeof raw === 'number') return { cause: excerpt(String(raw)), level: null };
  if (raw === null || typeof raw !== 'object') return { cause: 'unknown', level: null };
  const values = Object.entries(raw as Record<string, unknown>).filter(([, v]) => typeof v === 'string');
  const level = values.find(([key]) => key.toLowerCase() === 'level')?.[1];
  return {
    cause: values.map(([, v]) => excerpt(v as string)).join(': ') || 'unknown',
    level: typeof level === 'string' ? excerpt(level) : null,
  };
}
