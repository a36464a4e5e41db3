/** A worker thread of the pool in threads.ts: runs one task on one item at a time. */
import { parentPort, type Transferable } from 'node:worker_threads';
import { ensure, InputError } from '../base/result.ts';
import { tasks } from './tasks.ts';
import type { Answer, Question } from './threads.ts';

const port = ensure(parentPort, 'parent port: this file is the entry of a worker thread');

port.on('message', async ({ task, item }: Question) => {
  let answer: Answer;
  try {
    const found = ensure(
      tasks.find((t) => t.name === task),
      `task ${task} in cli/tasks.ts`,
    );
    answer = { ok: true, result: await found.run(item as never) };
  } catch (error) {
    const issues = error instanceof InputError ? error.issues : null;
    answer = {
      ok: false,
      message: error instanceof Error ? (error.stack ?? error.message) : `${error}`,
      issues,
    };
  }
  port.postMessage(answer, answer.ok ? buffersOf(answer.result) : []);
});

/** The memory of typed arrays in a result, which is handed over instead of copied. */
function buffersOf(result: unknown): Transferable[] {
  const found = new Set<ArrayBuffer>();
  const visit = (value: unknown): void => {
    if (ArrayBuffer.isView(value)) {
      if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
    } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  visit(result);
  return [...found];
}
