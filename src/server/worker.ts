import { parentPort } from 'node:worker_threads';
import { Cancelled, type Context, inline } from '../base/context.ts';
import { builtin } from '../catalog/catalog.ts';
import { Memo } from '../plan/memo.ts';
import { perform } from './jobs.ts';
import type { WorkerMessage, WorkerRequest } from './types.ts';

/** A thread of the pool: one job at a time, stage results kept between jobs. */

/** About two plans: a result of 16,384 GPUs is some tens of megabytes. */
const REMEMBERED = 16;

const port = parentPort;
if (port === null) throw new Error('this file is a worker');
const catalog = builtin();
const memo = new Memo(REMEMBERED);
const send = (message: WorkerMessage): void => port.postMessage(message);

port.on('message', async ({ id, job, flag }: WorkerRequest) => {
  const stopped = new Int32Array(flag);
  const contextOf = (seed: number): Context => ({
    seed,
    catalog,
    clock: () => performance.now() / 1000,
    progress: (event) => send({ id, kind: 'progress', event }),
    cancelled: () => Atomics.load(stopped, 0) !== 0,
    parallel: inline,
    solver: async () => (await import('../numeric/highs.ts')).loadHighs(),
  });
  try {
    send({ id, kind: 'done', outcome: await perform(job, { catalog, memo, contextOf }) });
  } catch (error) {
    if (error instanceof Cancelled) send({ id, kind: 'cancelled' });
    else send({ id, kind: 'fault', message: error instanceof Error ? error.message : String(error) });
  }
});
