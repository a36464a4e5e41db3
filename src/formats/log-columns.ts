import { parseQuantity } from '../units/parse.ts';
import { excerpt, type IssueCollector } from './collector.ts';
import { LogSeries } from './log-types.ts';

/** What one column of a log means. */
export type LogColumn =
  | { readonly is: 'step' | 'time' | 'rank' }
  | { readonly is: 'series'; readonly series: LogSeries; readonly scale: number };

/** Names of validation, of other losses than the one that is trained on, and of other axes ('lm loss vs samples'). */
const OTHER = /\b(vs|val|valid|validation|eval|test|aux|scale|scaler|z|mtp|balance|balancing|ppl)\b/u;
const PATTERNS: readonly (readonly [RegExp, LogSeries])[] = [
  [/\bgrad(ient)? ?norm\b/u, LogSeries.gradNorm],
  [
    /\b(step|iter|iteration) ?time\b|time per (step|iter|iteration)\b|\b(sec|seconds) per step\b/u,
    LogSeries.stepSeconds,
  ],
  [
    /\bthroughput\b|\btokens? (per sec|per second|s|sec)\b|\btps\b|\btflops?\b|\bsamples (per sec|per second|s)\b|\b(it|iter|steps) (s|per second)\b/u,
    LogSeries.throughput,
  ],
  [/\bloss\b/u, LogSeries.loss],
];

/**
 * The meaning of a column by its name, as training frameworks write it: 'train/loss', 'lm loss', 'grad_norm',
 * 'elapsed time per iteration (ms)', 'tokens_per_second', '_step', 'wall_time'. Undefined: of no concern here.
 */
export function columnOf(name: string): LogColumn | undefined {
  const plain = name
    .slice(0, 120)
    .toLowerCase()
    .replace(/[^a-z0-9]+/gu, ' ')
    .trim();
  if (/^(train(ing)? )?(global )?(step|steps|iter|iteration|iterations)$/u.test(plain)) return { is: 'step' };
  if (/^(time|timestamp|wall ?time|date|datetime|runtime|ts)$/u.test(plain)) return { is: 'time' };
  if (/^(global )?rank$/u.test(plain)) return { is: 'rank' };
  if (OTHER.test(plain)) return undefined;
  const found = PATTERNS.find(([pattern]) => pattern.test(plain));
  if (found === undefined) return undefined;
  const milli = found[1] === LogSeries.stepSeconds && /\bms\b/u.test(plain);
  return { is: 'series', series: found[1], scale: milli ? 0.001 : 1 };
}

/** Which column holds what: the first of each meaning; a second one is said to be left out. */
export function mapColumns(
  names: readonly string[],
  issues: IssueCollector,
  line: number,
): (LogColumn | undefined)[] {
  const taken = new Map<string, string>();
  return names.map((name) => {
    const column = columnOf(name);
    if (column === undefined) return undefined;
    const key = keyOf(column);
    const first = taken.get(key);
    if (first === undefined) {
      taken.set(key, name);
      return column;
    }
    issues.add({
      code: 'second-column',
      severity: 'warning',
      line,
      message: `column '${excerpt(name)}' says the same as '${excerpt(first)}', which is read`,
    });
    return undefined;
  });
}

/** Names looked at: a log with more of them has its values in its names. */
const MOST_NAMES = 10_000;

/** The columns of a log without a header, as their names come: each meaning belongs to the first name that has it. */
export class ColumnNames {
  readonly #known = new Map<string, LogColumn | undefined>();
  readonly #taken = new Set<string>();

  column(name: string): LogColumn | undefined {
    if (this.#known.has(name) || this.#known.size >= MOST_NAMES) return this.#known.get(name);
    let column = columnOf(name);
    if (column !== undefined) {
      const key = keyOf(column);
      if (this.#taken.has(key)) column = undefined;
      this.#taken.add(key);
    }
    this.#known.set(name, column);
    return column;
  }
}

function keyOf(column: LogColumn): string {
  return column.is === 'series' ? String(column.series) : column.is;
}

const NOTHING = new Set(['', 'null', 'none', 'n/a', 'na', '-']);
const SPECIAL: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '+inf': Number.POSITIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  '-infinity': Number.NEGATIVE_INFINITY,
};

/** Reads cells of one log, remembers the unit each column was written in and says when it changes. */
export class CellReader {
  readonly #issues: IssueCollector;
  readonly #units = new Map<string, string>();

  constructor(issues: IssueCollector) {
    this.#issues = issues;
  }

  /** The number in a cell; undefined where there is none. NaN and infinities are numbers that were logged. */
  number(text: string, name: string, line: number): number | undefined {
    const plain = Number(text);
    if (!Number.isNaN(plain) && text.trim() !== '') return plain;
    const word = text.trim().toLowerCase();
    if (NOTHING.has(word)) return undefined;
    return word in SPECIAL ? SPECIAL[word] : this.#withUnit(text.trim(), name, line);
  }

  #withUnit(text: string, name: string, line: number): number | undefined {
    const unit = /[^\d\s.+-][^\d]*$/u.exec(text)?.[0] ?? '';
    for (const dimension of ['time', 'count'] as const) {
      const parsed = parseQuantity(text, dimension);
      if (!parsed.ok) continue;
      const before = this.#units.get(name);
      this.#units.set(name, unit);
      if (before !== undefined && before !== unit) {
        this.#issues.add({
          code: 'mixed-units',
          severity: 'warning',
          line,
          message: `'${excerpt(name)}' changes from ${before} to ${excerpt(unit)}; both are converted`,
        });
      }
      return parsed.value;
    }
    this.#issues.add({
      code: 'not-a-number',
      severity: 'warning',
      line,
      message: `'${excerpt(name)}' has no number here; the value is left out`,
      found: excerpt(text),
    });
    return undefined;
  }
}

const DAY = 86_400;
const MILLISECONDS_FROM = 100_000_000_000; // literal: epoch seconds of the year 5138, so larger is milliseconds

/** Seconds of any epoch from a number (seconds or milliseconds) or an ISO 8601 text; NaN where it is neither. */
export function parseTime(text: string): number {
  const plain = Number(text);
  if (!Number.isNaN(plain) && text.trim() !== '') return plain > MILLISECONDS_FROM ? plain / 1000 : plain;
  const m = /^\s*(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d(?:[.,]\d+)?)\s*(Z|[+-]\d\d:?\d\d)?\s*$/u.exec(
    text,
  );
  if (m === null) return Number.NaN;
  const zone = m[7] === undefined || m[7] === 'Z' ? 0 : zoneSeconds(m[7]);
  const clock = Number(m[4]) * 3600 + Number(m[5]) * 60 + Number(m[6]!.replace(',', '.'));
  return daysFromCivil(Number(m[1]), Number(m[2]), Number(m[3])) * DAY + clock - zone;
}

function zoneSeconds(zone: string): number {
  const seconds = Number(zone.slice(1, 3)) * 3600 + Number(zone.slice(-2)) * 60;
  return zone.startsWith('-') ? -seconds : seconds;
}

/** Days since 1970-01-01 of the proleptic Gregorian calendar (Hinnant, chrono-compatible date algorithms). */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
