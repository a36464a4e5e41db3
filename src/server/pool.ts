import { Worker } from 'node:worker_threads';
import { Cancelled, type ProgressEvent } from '../base/context.ts';
import type { Job, Outcome, WorkerMessage, WorkerRequest } from './types.ts';

export interface PoolOptions {
  readonly workers: number;
  /** Jobs that may wait; beyond it `run` throws Busy. */
  readonly waiting: number;
  /** Seconds that a job may run, waiting not counted. */
  readonly seconds: number;
}

export interface JobOptions {
  /** Aborts when nobody waits for the result any more. */
  readonly signal: AbortSignal;
  readonly progress: (event: ProgressEvent) => void;
}

/** The queue is full; `retryAfter` is about when there will be room, in seconds. */
export class Busy extends Error {
  readonly retryAfter: number;
  constructor(retryAfter: number) {
    super('too many requests are waiting');
    this.retryAfter = retryAfter;
  }
}

export class TookTooLong extends Error {}

/** How long a cancelled job may take to reach its next safe point before its thread is ended, milliseconds. */
const GRACE = 2000;

interface Task extends JobOptions {
  readonly id: number;
  readonly job: Job;
  readonly flag: Int32Array;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Worker threads with a bounded queue in front, first come first served. A job whose caller is gone leaves the queue,
 * or is asked to stop; one that does not stop in time loses its thread, and a new one takes its place.
 */
export class Pool {
  readonly #options: PoolOptions;
  readonly #queue: Task[] = [];
  readonly #threads: Thread[] = [];
  #next = 0;
  /** Of a job lately, smoothed; only to say when to try again. */
  #seconds = 1;

  constructor(options: PoolOptions) {
    this.#options = options;
    for (let i = 0; i < options.workers; i++) this.#threads.push(new Thread());
  }

  get waiting(): number {
    return this.#queue.length;
  }

  get running(): number {
    return this.#threads.filter((t) => t.busy).length;
  }

  /** Throws Busy at once while the queue is full. */
  admit(): void {
    if (this.#queue.length < this.#options.waiting) return;
    throw new Busy(Math.max(1, Math.ceil((this.#queue.length * this.#seconds) / this.#threads.length)));
  }

  /** Rejects with Busy, Cancelled (the signal), TookTooLong, or a fault of ours. */
  run(job: Job, { signal, progress }: JobOptions): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) throw new Cancelled();
      this.admit();
      const flag = new Int32Array(new SharedArrayBuffer(4));
      const task: Task = { id: this.#next++, job, flag, signal, progress, resolve, reject };
      signal.addEventListener('abort', () => this.#abandon(task), { once: true });
      this.#queue.push(task);
      this.#dispatch();
    });
  }

  async close(): Promise<void> {
    for (const task of this.#queue.splice(0)) task.reject(new Cancelled());
    await Promise.all(this.#threads.map((t) => t.end(new Cancelled())));
  }

  #abandon(task: Task): void {
    const at = this.#queue.indexOf(task);
    // A running one is its thread's to stop.
    if (at < 0) return;
    this.#queue.splice(at, 1);
    task.reject(new Cancelled());
  }

  #dispatch(): void {
    for (const thread of this.#threads) {
      if (thread.busy) continue;
      const task = this.#queue.shift();
      if (task === undefined) return;
      const began = performance.now();
      void thread.work(task, this.#options.seconds).then(() => {
        this.#seconds += ((performance.now() - began) / 1000 - this.#seconds) / 8;
        this.#dispatch();
      });
    }
  }
}

/** One worker thread, started with its first job and again after it was ended. */
class Thread {
  #worker: Worker | null = null;
  #task: Task | null = null;
  #done: () => void = () => {};

  get busy(): boolean {
    return this.#task !== null;
  }

  /** Settles the task; itself never rejects. */
  async work(task: Task, seconds: number): Promise<void> {
    this.#task = task;
    const finished = new Promise<void>((done) => {
      this.#done = done;
    });
    let grace: NodeJS.Timeout | undefined;
    const stop = (error: Error): void => {
      Atomics.store(task.flag, 0, 1);
      grace ??= setTimeout(() => void this.end(error), GRACE);
    };
    const onAbort = (): void => stop(new Cancelled());
    task.signal.addEventListener('abort', onAbort, { once: true });
    const limit = setTimeout(() => {
      task.reject(new TookTooLong());
      stop(new TookTooLong());
    }, seconds * 1000);
    const request: WorkerRequest = {
      id: task.id,
      job: task.job,
      flag: task.flag.buffer as SharedArrayBuffer,
    };
    this.#started().postMessage(request);
    await finished;
    clearTimeout(limit);
    clearTimeout(grace);
    task.signal.removeEventListener('abort', onAbort);
  }

  /** Ends the thread with whatever it does. */
  async end(error: Error): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    worker?.removeAllListeners();
    this.#settle((task) => task.reject(error));
    await worker?.terminate();
  }

  #started(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(new URL('./worker.js', import.meta.url));
    worker.on('message', (message: WorkerMessage) => this.#hear(message));
    // Out of memory, or a fault that no handler caught: this job is lost, the next gets a new thread.
    worker.on('error', (error: Error) => void this.end(error));
    this.#worker = worker;
    return worker;
  }

  #hear(message: WorkerMessage): void {
    if (this.#task?.id !== message.id) return;
    if (message.kind === 'progress') this.#task.progress(message.event);
    else if (message.kind === 'done') this.#settle((task) => task.resolve(message.outcome));
    else if (message.kind === 'cancelled') this.#settle((task) => task.reject(new Cancelled()));
    else this.#settle((task) => task.reject(new Error(message.message)));
  }

  #settle(how: (task: Task) => void): void {
    const task = this.#task;
    if (task === null) return;
    this.#task = null;
    how(task);
    this.#done();
  }
}
