import type { Stream } from '../numeric/random.ts';

/**
 * One training run, failure by failure. Between two failures everything is a closed formula of the time up (how much was
 * computed, what is safe in memory, what in storage), so a run costs a few operations a failure however long it is.
 * Seconds throughout; work is seconds of compute at full speed.
 */
export interface RunModel {
  /** Useful compute after which the run is over, and elapsed time at which it is cut off; either may be infinite. */
  readonly work: number;
  readonly horizon: number;
  /** Failures a second while the job is up or restarting, lemons apart; cumulative shares by component. */
  readonly rate: number;
  readonly cumulative: Float64Array;
  /** By component: 1 where copies in memory survive it; 1 where the node has to be repaired. */
  readonly fromMemory: Uint8Array;
  readonly evicts: Uint8Array;
  /** Compute between storage checkpoints; time one stops the job; time from then until it is safe. */
  readonly interval: number;
  readonly stall: number;
  readonly lag: number;
  /** Copies into memory within an interval (0: none are kept), and the time one stops the job. */
  readonly copies: number;
  readonly copyStall: number;
  readonly detection: number;
  readonly restart: number;
  readonly queue: number;
  /** Nodes kept ready (Infinity: there is always one), and the time until a broken one is back. */
  readonly spares: number;
  readonly repair: number;
  /** Nodes that break again and again: how many, failures a second of each, failures after which one is taken out. */
  readonly lemons: number;
  readonly lemonRate: number;
  readonly lemonAfter: number;
  /** Planned stops: time between them, length of one. */
  readonly maintenanceEvery: number;
  readonly maintenanceLasts: number;
  /** Slow nodes: mean time until one turns slow, time until it is replaced, step time meanwhile over the usual one. */
  readonly slowEvery: number;
  readonly slowLasts: number;
  readonly slowdown: number;
}

/** Columns of a run's row. The times from `useful` on add up to `elapsed`. */
export const Column = {
  elapsed: 0,
  failures: 1,
  useful: 2,
  lost: 3,
  stalls: 4,
  slow: 5,
  detection: 6,
  restart: 7,
  waiting: 8,
  maintenance: 9,
} as const;
export const COLUMNS = 10;

/** What happened in a run, for its timeline. */
export interface RunEvent {
  readonly at: number;
  /** Component by its place in the model; -1: a planned stop. */
  readonly component: number;
  /** Compute that has to be done again, and time until training goes on if nothing more breaks. */
  readonly lost: number;
  readonly down: number;
  readonly from: 'memory' | 'storage';
}

/** More failures than any run that gets somewhere has; bounds a run that gets nowhere. */
const MOST_FAILURES = 1_000_000;

/**
 * Simulates a run into `row` (COLUMNS entries). Failures are Poisson; while one is waited for, noticed or queued nothing
 * more breaks, while the job restarts it does. Speed under slow nodes is averaged over each stretch between failures; repair
 * takes the same time for every node. Returns false when the run was cut off by the horizon or by its failures.
 */
export function simulateRun(m: RunModel, random: Stream, row: Float64Array, events?: RunEvent[]): boolean {
  const pieces = Math.max(1, m.copies);
  const copyStall = m.copies === 0 ? 0 : m.copyStall;
  const piece = m.interval / pieces;
  const stride = piece + copyStall;
  const period = pieces * stride + m.stall;
  const knowsComponent = m.copies > 0 || Number.isFinite(m.spares) || events !== undefined;
  const repairs = new Repairs(m.spares, m.repair);
  const lemons = new Lemons(m.lemons, m.lemonAfter);
  const slow = new SlowNodes(m, random);
  let rate = m.rate + lemons.active * m.lemonRate;
  let now = 0;
  let base = 0;
  let safe = 0;
  let nextStop = m.maintenanceEvery;
  let restart = 0;
  let failures = 0;
  let lost = 0;
  let stalls = 0;
  let slowed = 0;
  let detection = 0;
  let restarting = 0;
  let waiting = 0;
  let maintenance = 0;
  let finished = false;
  while (failures < MOST_FAILURES && now < m.horizon) {
    const toFailure = rate === 0 ? Number.POSITIVE_INFINITY : random.exponential() / rate;
    const toStop = Math.max(nextStop - now, restart);
    const toEnd = m.horizon - now;
    const span = Math.min(toFailure, toStop, toEnd);
    const component = knowsComponent ? pick(m.cumulative, random.uniform()) : 0;
    let again = 0;
    let kept = false;
    if (span < restart) {
      // It breaks, or time is over, before it runs again.
      restarting += span;
      now += span;
      if (span === toEnd) break;
      if (m.fromMemory[component] === 0) {
        again = base - safe;
        base = safe;
      }
    } else {
      restarting += restart;
      now += restart;
      const speed = slow.speed(now, span - restart);
      const toWork = elapsedFor((m.work - base) / speed, piece, stride, pieces, period, m.interval);
      finished = toWork <= span - restart;
      const up = finished ? toWork : span - restart;
      now += up;
      const whole = Math.floor(up / period);
      const within = up - whole * period;
      const done = Math.min(Math.floor(within / stride), pieces);
      const started = done < pieces ? Math.min(within - done * stride, piece) : 0;
      const computed = whole * m.interval + done * piece + started;
      stalls += up - computed;
      slowed += computed * (1 - speed);
      const reached = finished ? m.work : base + computed * speed;
      if (finished || span === toEnd) {
        base = reached;
        break;
      }
      if (span === toStop) {
        // Planned: it is saved first, and nothing is lost.
        const stop = m.stall + m.lag + m.maintenanceLasts;
        events?.push({ at: now, component: -1, lost: 0, down: stop + m.restart, from: 'storage' });
        now += stop;
        maintenance += stop;
        base = reached;
        safe = reached;
        restart = m.restart;
        nextStop = now + m.maintenanceEvery;
        continue;
      }
      const written = Math.floor((up - m.lag) / period);
      if (written > 0) safe = base + written * m.interval * speed;
      const copied = base + (whole * m.interval + done * piece) * speed;
      kept = m.copies > 0 && m.fromMemory[component] === 1 && copied > safe;
      base = kept ? copied : safe;
      again = reached - base;
    }
    failures++;
    lost += again;
    if (lemons.active > 0 && random.uniform() * rate >= m.rate && lemons.strike(random)) {
      rate = m.rate + lemons.active * m.lemonRate;
    }
    const wait = m.queue + (m.evicts[component] === 1 ? repairs.take(now) : 0);
    const down = m.detection + wait + m.restart;
    events?.push({ at: now, component, lost: again, down, from: kept ? 'memory' : 'storage' });
    now += m.detection + wait;
    detection += m.detection;
    waiting += wait;
    restart = m.restart;
  }
  row[Column.elapsed] = now;
  row[Column.failures] = failures;
  row[Column.useful] = base;
  row[Column.lost] = lost;
  row[Column.stalls] = stalls;
  row[Column.slow] = slowed;
  row[Column.detection] = detection;
  row[Column.restart] = restarting;
  row[Column.waiting] = waiting;
  row[Column.maintenance] = maintenance;
  return finished;
}

/** Time up until `work` seconds of compute are done: the inverse of what the loop above computes. */
function elapsedFor(
  work: number,
  piece: number,
  stride: number,
  pieces: number,
  period: number,
  interval: number,
): number {
  if (!Number.isFinite(work)) return work;
  const whole = Math.max(0, Math.ceil(work / interval) - 1);
  const rest = work - whole * interval;
  const done = Math.max(0, Math.min(Math.ceil(rest / piece) - 1, pieces - 1));
  return whole * period + done * stride + (rest - done * piece);
}

function pick(cumulative: Float64Array, u: number): number {
  const last = cumulative.length - 1;
  let c = 0;
  while (c < last && u >= cumulative[c]!) c++;
  return c;
}

/** Spare nodes and those under repair, in order of return. */
class Repairs {
  readonly #back: Float64Array;
  readonly #repair: number;
  #free: number;
  #head = 0;
  #count = 0;

  constructor(spares: number, repair: number) {
    this.#free = spares;
    this.#repair = repair;
    // Without a spare the job waits for the first node to return, so no more than one is out beyond them.
    this.#back = new Float64Array(Number.isFinite(spares) ? spares + 1 : 0);
  }

  /** Sends the broken node to repair and takes a spare; returns the wait for one. */
  take(now: number): number {
    const size = this.#back.length;
    if (size === 0) return 0;
    while (this.#count > 0 && this.#back[this.#head]! <= now) this.#return();
    if (this.#free > 0) {
      this.#free--;
      this.#send(now);
      return 0;
    }
    // None is ready: its own repair, or that of an earlier one, ends the wait.
    this.#send(now);
    const back = this.#back[this.#head]!;
    this.#return();
    this.#free--;
    return back - now;
  }

  #send(now: number): void {
    this.#back[(this.#head + this.#count) % this.#back.length] = now + this.#repair;
    this.#count++;
  }

  #return(): void {
    this.#head = (this.#head + 1) % this.#back.length;
    this.#count--;
    this.#free++;
  }
}

/** Nodes that break again and again, each taken out after its last permitted failure. */
class Lemons {
  readonly #struck: Uint16Array;
  readonly #after: number;
  active: number;

  constructor(count: number, after: number) {
    this.#struck = new Uint16Array(count);
    this.#after = after;
    this.active = count;
  }

  /** One of them fails; true when it is taken out. */
  strike(random: Stream): boolean {
    const node = random.below(this.active);
    const times = this.#struck[node]! + 1;
    if (times < this.#after) {
      this.#struck[node] = times;
      return false;
    }
    this.active--;
    this.#struck[node] = this.#struck[this.active]!;
    return true;
  }
}

/** Slow nodes come at random and are replaced after a fixed time; one at a time. */
class SlowNodes {
  readonly #every: number;
  readonly #lasts: number;
  readonly #gain: number;
  readonly #random: Stream;
  #from: number;

  constructor({ slowEvery, slowLasts, slowdown }: RunModel, random: Stream) {
    this.#every = slowEvery;
    this.#lasts = slowLasts;
    this.#gain = 1 - 1 / slowdown;
    this.#random = random;
    this.#from = Number.isFinite(slowEvery) ? random.exponential() * slowEvery : Number.POSITIVE_INFINITY;
  }

  /** Mean speed over the next `span` seconds, 1 when nothing is slow. */
  speed(now: number, span: number): number {
    if (this.#from >= now + span || !Number.isFinite(span)) return 1;
    let slow = 0;
    while (this.#from < now + span) {
      const until = this.#from + this.#lasts;
      slow += Math.max(0, Math.min(until, now + span) - Math.max(this.#from, now));
      if (until >= now + span) break;
      this.#from = until + this.#random.exponential() * this.#every;
    }
    return span > 0 ? 1 - (this.#gain * slow) / span : 1;
  }
}
