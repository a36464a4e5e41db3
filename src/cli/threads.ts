import { Worker } from 'node:worker_threads';
import { Cancelled, type Parallel, type Task } from '../base/context.ts';
import type { Issue } from '../base/issue.ts';
import { InputError } from '../base/result.ts';

export interface Question {
  readonly task: string;
  readonly item: unknown;
}

export type Answer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly message: string; readonly issues: readonly Issue[] | null };

/** Milliseconds between two looks at `cancelled` while threads work. */
const LOOK = 100;

/**
 * Runs tasks on so many threads, which start when first needed and end with the process. Results are in the order of the
 * items, so that nothing depends on which thread was quicker. Items and results are copied: plain data.
 */
export function threads(
  workers: number,
  cancelled: () => boolean,
  entry: URL = new URL('./worker.js', import.meta.url),
): Parallel & { close(): Promise<void> } {
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  const close = async (): Promise<void> => {
    await Promise.all([...all].map((worker) => worker.terminate()));
    all.clear();
    idle.length = 0;
  };
  return {
    workers,
    close,
    async map<A, R>(task: Task<A, R>, items: readonly A[]): Promise<R[]> {
      const results = new Array<R>(items.length);
      let next = 0;
      const work = async (): Promise<void> => {
        const worker = idle.pop() ?? start(entry, all);
        while (next < items.length) {
          const i = next++;
          results[i] = (await ask(worker, { task: task.name, item: items[i] })) as R;
        }
        idle.push(worker);
      };
      const lanes = Array.from({ length: Math.min(workers, items.length) }, work);
      try {
        await untilCancelled(Promise.all(lanes), cancelled);
      } catch (error) {
        // The others are in the middle of something that nobody will ask for.
        await close();
        await Promise.allSettled(lanes);
        throw error;
      }
      return results;
    },
  };
}

function start(entry: URL, all: Set<Worker>): Worker {
  const worker = new Worker(entry);
  all.add(worker);
  return worker;
}

/** One item; the thread keeps the process alive only while it works. */
function ask(worker: Worker, question: Question): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      worker.off('message', answered).off('error', failed).off('exit', ended);
      worker.unref();
    };
    const answered = (answer: Answer): void => {
      done();
      if (answer.ok) resolve(answer.result);
      else reject(answer.issues === null ? new Error(answer.message) : new InputError(answer.issues));
    };
    const failed = (error: unknown): void => {
      done();
      reject(error);
    };
    const ended = (): void => {
      done();
      reject(new Error('a worker thread ended before its work'));
    };
    worker.on('message', answered).on('error', failed).on('exit', ended);
    worker.ref();
    worker.postMessage(question);
  });
}

async function untilCancelled(work: Promise<unknown>, cancelled: () => boolean): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const stop = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      if (cancelled()) reject(new Cancelled());
    }, LOOK);
  });
  try {
    await Promise.race([work, stop]);
  } finally {
    clearInterval(timer);
  }
}
