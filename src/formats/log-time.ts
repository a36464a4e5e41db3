import type { Parsed } from '../units/parse.ts';
import { parseQuantity } from '../units/parse.ts';

/** How a time was written: as a bare number, with its unit, or as a date. One log keeps to one of them. */
export type TimeForm = 'number' | 'quantity' | 'date';

export interface LogTime {
  readonly form: TimeForm;
  /** Seconds; of dates since 1970. */
  readonly seconds: number;
}

/** Reads '3.5', '3.5 d' or '2025-03-01T12:00:00Z'; `unit` is what one of a bare number is in seconds. */
export function parseLogTime(raw: unknown, unit: number): Parsed<LogTime> {
  const allowed = 'a number, a time with its unit such as 3.5 h, or a date such as 2025-03-01T12:00:00Z';
  const wrong = (message: string): Parsed<never> => ({
    ok: false,
    problem: { code: 'wrong-time', message, allowed },
  });
  if (typeof raw !== 'number' && typeof raw !== 'string') return wrong('there is no time here');
  const text = String(raw).trim();
  if (PLAIN.test(text)) {
    const seconds = Number(text) * unit;
    if (!Number.isFinite(seconds)) return wrong(`'${text.slice(0, 40)}' is no time`);
    return seconds < 0 ? wrong('a time must not be negative') : ok('number', seconds);
  }
  const date = DATE.exec(text);
  if (date !== null) {
    const seconds = secondsOf(
      date.slice(1, 7).map((x) => Number(x ?? 0)),
      date[7],
    );
    return Number.isNaN(seconds) ? wrong(`there is no date ${text.slice(0, 40)}`) : ok('date', seconds);
  }
  const parsed = parseQuantity(text, 'time');
  if (!parsed.ok) return wrong(`'${text.slice(0, 40)}' is no time`);
  return parsed.value < 0 ? wrong('a time must not be negative') : ok('quantity', parsed.value);
}

const ok = (form: TimeForm, seconds: number): Parsed<LogTime> => ({ ok: true, value: { form, seconds } });

const PLAIN = /^[+-]?\d{1,18}(?:\.\d{1,18})?(?:[eE][+-]?\d{1,3})?$/u;
const DATE =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}(?:\.\d{1,9})?))?\s*(Z|UTC|[+-]\d{2}:?\d{2})?)?$/u;

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** Seconds since 1970 in the Gregorian calendar; NaN for what is no date. */
function secondsOf(parts: readonly number[], zone: string | undefined): number {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  const length = lengths[month - 1];
  if (length === undefined || day < 1 || day > length) return Number.NaN;
  if (hour > 23 || minute > 59 || second >= 61) return Number.NaN;
  const before = year - 1;
  const leaps = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  const days = 365 * before + leaps + lengths.slice(0, month - 1).reduce((sum, n) => sum + n, 0) + day - 1;
  return (days - EPOCH_DAYS) * DAY + hour * HOUR + minute * MINUTE + second - offsetOf(zone);
}

/** Days from 1 January of year 1 to 1970. */
const EPOCH_DAYS = 719_162;

function offsetOf(zone: string | undefined): number {
  const match = /^([+-])(\d{2}):?(\d{2})$/u.exec(zone ?? '');
  if (match === null) return 0;
  const size = Number(match[2]) * HOUR + Number(match[3]) * MINUTE;
  return match[1] === '-' ? -size : size;
}
