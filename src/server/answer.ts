import type { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import { Cancelled } from '../base/context.ts';
import type { Issue } from '../base/issue.ts';
import { problem } from './guard.ts';
import { Busy, type Pool, TookTooLong } from './pool.ts';
import type { Job } from './types.ts';

/** A request that cannot become a job. */
export class BadRequest extends Error {
  readonly status: 400 | 415;
  readonly issues: readonly Issue[];
  constructor(status: 400 | 415, issues: readonly Issue[]) {
    super('bad request');
    this.status = status;
    this.issues = issues;
  }
}

/** The JSON body in its form; throws BadRequest with everything that is wrong with it. */
export async function jsonBody<T extends z.ZodType>(c: Context, schema: T): Promise<z.infer<T>> {
  if (mediaType(c) !== 'application/json')
    throw new BadRequest(415, problem('media-type', 'send the body as application/json').issues);
  let data: unknown;
  try {
    data = await c.req.json();
  } catch {
    throw new BadRequest(400, problem('json', 'the body is not JSON').issues);
  }
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => ({
    code: 'request',
    severity: 'error' as const,
    path: path.map((p) => (typeof p === 'number' ? p : String(p))),
    message,
  }));
  throw new BadRequest(400, issues);
}

export function mediaType(c: Context): string {
  return (c.req.header('content-type') ?? '').split(';')[0]!.trim().toLowerCase();
}

/** Does the job in the pool and answers with its text, or as a stream of events where these are asked for. */
export async function answer(c: Context, pool: Pool, job: Job): Promise<Response> {
  const { signal } = c.req.raw;
  if ((c.req.header('accept') ?? '').includes('text/event-stream')) return stream(c, pool, job);
  const outcome = await pool.run(job, { signal, progress: () => {} });
  if (!outcome.ok) return c.json({ issues: outcome.issues }, 422);
  return c.body(outcome.text, 200, { 'content-type': 'application/json' });
}

function stream(c: Context, pool: Pool, job: Job): Response {
  return streamSSE(c, async (out) => {
    const gone = new AbortController();
    out.onAbort(() => gone.abort());
    c.req.raw.signal.addEventListener('abort', () => gone.abort());
    try {
      const outcome = await pool.run(job, {
        signal: gone.signal,
        progress: ({ stage, fraction, note }) => void send(out, 'progress', { stage, fraction, note }),
      });
      if (!outcome.ok) return await send(out, 'failed', { status: 422, issues: outcome.issues });
      if (outcome.issues.length > 0) await send(out, 'issues', { issues: outcome.issues });
      await out.writeSSE({ event: 'result', data: outcome.text });
    } catch (error) {
      const { status, body } = refusal(error);
      await send(out, 'failed', { status, ...body });
    }
  });
}

function send(out: SSEStreamingApi, event: string, data: object): Promise<void> {
  return out.writeSSE({ event, data: JSON.stringify(data) });
}

/** What an exception becomes: a status and the issues that say why. */
export function refusal(error: unknown) {
  if (error instanceof BadRequest) return { status: error.status, body: { issues: error.issues } };
  if (error instanceof Busy)
    return { status: 503 as const, body: problem('busy', error.message), retryAfter: error.retryAfter };
  if (error instanceof TookTooLong) {
    const hint = 'plan it with the command, or start the server with a longer --time-limit';
    return {
      status: 504 as const,
      body: problem('time-limit', 'it took longer than this server allows', hint),
    };
  }
  // Nobody is there to read it, unless the server is closing.
  if (error instanceof Cancelled) return { status: 503 as const, body: problem('cancelled', 'cancelled') };
  const message = error instanceof Error ? error.message : String(error);
  return {
    status: 500 as const,
    body: problem('fault', `a fault of Planewright's, not of your input: ${message}`),
  };
}
