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

/** A newer request took its place; nobody needs to know. */
export class Replaced extends Error {}

export interface Listener {
  readonly early?: (early: Early) => void;
  readonly progress?: (event: ProgressEvent) => void;
}

interface Waiting extends Listener {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'planewright' });
const waiting = new Map<number, Waiting>();
let next = 0;

/** Asks the engine in its worker. Rejects with Refused, Replaced, or a fault of ours. */
export function ask<K extends Call>(call: K, what: Calls[K]['ask'], listener: Listener = {}) {
  const id = next++;
  const request: Request<K> = { id, call, ask: what };
  return new Promise<Calls[K]['answer']>((resolve, reject) => {
    waiting.set(id, { ...listener, resolve: resolve as (answer: unknown) => void, reject });
    worker.postMessage(request);
  });
}

worker.onmessage = ({ data }: MessageEvent<Reply>): void => {
  const asked = waiting.get(data.id);
  if (asked === undefined) return;
  if (data.kind === 'early') asked.early?.(data.early);
  else if (data.kind === 'progress') asked.progress?.(data.event);
  else {
    waiting.delete(data.id);
    settle(asked, data);
  }
};

function settle({ resolve, reject }: Waiting, reply: Exclude<Reply, { kind: 'early' | 'progress' }>): void {
  if (reply.kind === 'answer') resolve(reply.answer);
  else if (reply.kind === 'cancelled') reject(new Replaced());
  else if (reply.kind === 'issues') reject(new Refused(reply.issues));
  else reject(new Error(reply.message));
}

worker.onerror = (event): void => {
  for (const { reject } of waiting.values()) reject(new Error(event.message || 'the engine stopped'));
  waiting.clear();
};
