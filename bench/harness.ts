/**
 * A bench is registered by `bench({...})` in a bench/*.bench.ts file and runs in a process of its own, so that neither
 * the heap nor the compiled code of another one shows in its figures.
 */

/** State is whatever `setup` makes; it is not timed. Sizes and seeds are fixed in the bench: every run does the same. */
export interface Bench<State = unknown, Made = unknown> {
  /** Unique, such as 'plan 2,048 GPUs'. */
  readonly name: string;
  /** What `npm run bench -- GROUP` selects. */
  readonly group: string;
  /** `smoke` asks for a small case: it only has to show that the bench still runs. */
  readonly setup?: (options: { readonly smoke: boolean }) => State | Promise<State>;
  /** What is timed. It returns what it made, so that the work cannot be optimised away. */
  readonly run: (state: State) => Made | Promise<Made>;
  /** Ends what `setup` started. */
  readonly teardown?: (state: State) => Promise<void>;
  /** Timed runs (default 5), and with --smoke (default 1). */
  readonly runs?: number;
  readonly smokeRuns?: number;
  /** Untimed runs before (default 1); 0 where the first run is the one that counts. */
  readonly warmUp?: number;
  /** The median has to stay below: seconds, and bytes of the whole process at its peak. */
  readonly bar?: { readonly seconds?: number; readonly peakBytes?: number };
  /** How much one run does, for a rate: [33.5e6, 'flows']. */
  readonly work?: (state: State) => readonly [amount: number, what: string];
  /** More about what the last run made, in words. */
  readonly detail?: (made: Made) => string;
  readonly peer?: Peer<State>;
  readonly note?: string;
}

/** The same task done by something else: timed here in turn with ours, or a published figure. */
export interface Peer<State> {
  readonly label: string;
  readonly run?: (state: State) => unknown;
  /** Why it cannot run here, or null when it can. */
  readonly missing?: () => string | null;
  /** A figure from elsewhere, with its source and machine. */
  readonly seconds?: number;
  readonly source?: string;
}

/** Seconds of each timed run in order, and the process's memory at its peak. */
export interface Measurement {
  readonly seconds: readonly number[];
  readonly peerSeconds: readonly number[];
  readonly peerMissing: string | null;
  readonly peakBytes: number;
  readonly work: readonly [amount: number, what: string] | null;
  readonly detail: string;
}

/** What a run returns that was timed elsewhere, as in a browser: its seconds count instead of ours. */
export class Timed {
  readonly seconds: number;
  constructor(seconds: number) {
    this.seconds = seconds;
  }
}

const registered: Bench[] = [];

export function bench<State, Made>(definition: Bench<State, Made>): void {
  if (registered.some((other) => other.name === definition.name)) {
    throw new Error(`two benches of the name ${definition.name}`);
  }
  registered.push(definition as Bench);
}

export function benches(): readonly Bench[] {
  return registered;
}

export async function measure(definition: Bench, smoke: boolean): Promise<Measurement> {
  const state = await definition.setup?.({ smoke });
  const peerMissing = definition.peer?.missing?.() ?? null;
  const peerRun = peerMissing === null ? definition.peer?.run : undefined;
  const runs = smoke ? (definition.smokeRuns ?? 1) : (definition.runs ?? 5);
  const seconds: number[] = [];
  const peerSeconds: number[] = [];
  let made: unknown;
  for (let i = smoke ? 0 : -(definition.warmUp ?? 1); i < runs; i++) {
    // One after the other in each round, so that a slow minute of the machine hits both.
    const ours = await time(definition.run, state);
    const theirs = peerRun === undefined ? null : await time(peerRun, state);
    made = ours.made;
    if (i < 0) continue;
    seconds.push(ours.seconds);
    if (theirs !== null) peerSeconds.push(theirs.seconds);
  }
  await definition.teardown?.(state);
  // maxRSS is in kibibytes.
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  return {
    seconds,
    peerSeconds,
    peerMissing,
    peakBytes,
    work: definition.work?.(state) ?? null,
    detail: definition.detail?.(made) ?? '',
  };
}

async function time(
  run: (state: unknown) => unknown,
  state: unknown,
): Promise<{ readonly seconds: number; readonly made: unknown }> {
  const begin = performance.now();
  const made = await run(state);
  if (made instanceof Timed) return { seconds: made.seconds, made };
  return { seconds: (performance.now() - begin) / 1000, made };
}
