import type { ProgressEvent } from '../base/context.ts';
import type { Issue } from '../base/issue.ts';
import type { Call, Calls, Early, Reply, Request } from './protocol.ts';

/** The worker could not do what was asked: the input is at fault. */
export class Refused extends Error {
  readonly issues: readonly Issue[];
  constructor(issues: readonly Issue[]) {
    super(issues.map((i) => i.message).join('; '));
    this.issues = issues;
  }
}

/** A newer request took its place, or nobody wants it any more; nobody needs to know. */
export class Replaced extends Error {}

export interface Listener {
  readonly early?: (early: Early) => void;
  readonly progress?: (event: ProgressEvent) => void;
}

interface Waiting extends Listener {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A worker with a desk in it, and who waits for its answers. */
class Engine {
  readonly #worker = new Worker(new URL('./worker.ts', import.meta.url), {
    type: 'module',
    name: 'planewright',
  });
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<Reply>): void => this.#hear(data);
    this.#worker.onerror = (event): void => this.#reject(new Error(event.message || 'the engine stopped'));
  }

  ask<K extends Call>(call: K, what: Calls[K]['ask'], listener: Listener): Promise<Calls[K]['answer']> {
    const id = this.#next++;
    const request: Request<K> = { id, call, ask: what };
    return new Promise<Calls[K]['answer']>((resolve, reject) => {
      this.#waiting.set(id, { ...listener, resolve: resolve as (answer: unknown) => void, reject });
      this.#worker.postMessage(request);
    });
  }

  /** At once, whatever it is doing. */
  stop(): void {
    this.#worker.terminate();
    this.#reject(new Replaced());
  }

  #reject(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #hear(data: Reply): void {
    const asked = this.#waiting.get(data.id);
    if (asked === undefined) return;
    if (data.kind === 'early') asked.early?.(data.early);
    else if (data.kind === 'progress') asked.progress?.(data.event);
    else {
      this.#waiting.delete(data.id);
      settle(asked, data);
    }
  }
}

function settle({ resolve, reject }: Waiting, reply: Exclude<Reply, { kind: 'early' | 'progress' }>): void {
  if (reply.kind === 'answer') resolve(reply.answer);
  else if (reply.kind === 'cancelled') reject(new Replaced());
  else if (reply.kind === 'issues') reject(new Refused(reply.issues));
  else reject(new Error(reply.message));
}

const main = new Engine();

/** Asks the engine in its worker. Rejects with Refused, Replaced, or a fault of ours. */
export function ask<K extends Call>(
  call: K,
  what: Calls[K]['ask'],
  listener: Listener = {},
): Promise<Calls[K]['answer']> {
  return main.ask(call, what, listener);
}

/**
 * The same in a worker of its own, for what plans a job dozens of times: the page goes on meanwhile, and `stop` ends it
 * at once.
 */
export function askAside<K extends Call>(call: K, what: Calls[K]['ask'], listener: Listener = {}) {
  const engine = new Engine();
  const answer = engine.ask(call, what, listener).finally(() => engine.stop());
  return { answer, stop: () => engine.stop() };
}
