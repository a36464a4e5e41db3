import { z } from 'zod';
import { Cancelled } from '../base/context.ts';
import { InputError } from '../base/result.ts';
import { Desk, type Hooks } from './desk.ts';
import type { Call, Calls, Reply, Request } from './protocol.ts';

/** The page's engine thread. Requests are answered in order; a plan that a newer plan replaces is given up. */

// Our policy allows no code made at run time.
z.config({ jitless: true });

const desk = new Desk();
const queue: Request[] = [];
let busy = false;

const send = (reply: Reply, transfer: Transferable[] = []): void => postMessage(reply, { transfer });

addEventListener('message', ({ data }: MessageEvent<Request>): void => {
  queue.push(data);
  if (!busy) void work();
});

async function work(): Promise<void> {
  busy = true;
  for (let request = queue.shift(); request !== undefined; request = queue.shift()) {
    if (replaced(request)) send({ id: request.id, kind: 'cancelled' });
    else await answer(request);
  }
  busy = false;
}

/** Plans, and fabrics, are of interest only until the next one is asked for. */
function replaced({ call }: Request): boolean {
  const making = (c: Call): boolean => c === 'plan' || c === 'fabric';
  return making(call) && queue.some((other) => making(other.call));
}

async function answer(request: Request): Promise<void> {
  const { id } = request;
  const hooks: Hooks = {
    clock: () => performance.now() / 1000,
    progress: (event) => send({ id, kind: 'progress', event }),
    early: (early) => send({ id, kind: 'early', early }),
    cancelled: () => replaced(request),
    pause: nextTurn,
  };
  try {
    const done = await perform(request, hooks);
    send({ id, kind: 'answer', answer: done }, buffersOf(done));
  } catch (error) {
    if (error instanceof Cancelled) send({ id, kind: 'cancelled' });
    else if (error instanceof InputError) send({ id, kind: 'issues', issues: error.issues });
    else send({ id, kind: 'fault', message: error instanceof Error ? error.message : String(error) });
  }
}

function perform<K extends Call>({ call, ask }: Request<K>, hooks: Hooks): unknown {
  const method = desk[call] as (ask: Calls[K]['ask'], hooks: Hooks) => unknown;
  return method.call(desk, ask, hooks);
}

/** Large arrays of answers are made for them: they move instead of being copied. */
function buffersOf(answer: unknown): Transferable[] {
  if (answer === null || typeof answer !== 'object' || answer instanceof Blob) return [];
  return Object.values(answer).flatMap((v) => (ArrayBuffer.isView(v) ? [v.buffer as ArrayBuffer] : []));
}

const channel = new MessageChannel();
let resume: () => void = () => {};
channel.port1.onmessage = () => resume();

/** Lets messages that have arrived be heard: sooner than a timer would. */
function nextTurn(): Promise<void> {
  return new Promise((done) => {
    resume = done;
    channel.port2.postMessage(null);
  });
}
