import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { answer, jsonBody, mediaType, refusal } from './answer.ts';
import { staticFiles } from './files.ts';
import { type GuardOptions, headers, problem, sameSite, tokenNeeded } from './guard.ts';
import { describe } from './openapi.ts';
import type { Pool } from './pool.ts';
import {
  adviseBody,
  planBody,
  planQuery,
  routeBody,
  scaleBody,
  searchBody,
  simulateBody,
} from './schemas.ts';

export interface AppOptions extends GuardOptions {
  readonly pool: Pool;
  readonly version: string;
  /** Folder of the built page. */
  readonly page: string;
  /** Bytes of a request's body. */
  readonly largestBody: number;
}

/** The HTTP API and the page. Handlers only pass on: the work is done in the pool. */
export function createApp(options: AppOptions): OpenAPIHono {
  const { pool, version, page, largestBody } = options;
  const app = new OpenAPIHono();
  app.use(headers, sameSite(options), tokenNeeded(options));
  app.use('/api/*', (c, next) => {
    // Before a body is read: what has no room now need not be taken in.
    if (c.req.method === 'POST') pool.admit();
    return next();
  });
  const tooLarge = (c: Context) =>
    c.json(problem('too-large', `the body is larger than ${largestBody} bytes`), 413);
  app.use('/api/*', bodyLimit({ maxSize: largestBody, onError: tooLarge }));
  app.get('/api/health', (c) => c.json({ version, running: pool.running, waiting: pool.waiting }));
  app.post('/api/plan', async (c) => {
    const body = mediaType(c) === 'application/yaml' ? await yamlBody(c) : await jsonBody(c, planBody);
    return answer(c, pool, { kind: 'plan', body });
  });
  app.post('/api/route', async (c) => answer(c, pool, { kind: 'route', body: await jsonBody(c, routeBody) }));
  app.post('/api/simulate', async (c) =>
    answer(c, pool, { kind: 'simulate', body: await jsonBody(c, simulateBody) }),
  );
  app.post('/api/advise', async (c) =>
    answer(c, pool, { kind: 'advise', body: await jsonBody(c, adviseBody) }),
  );
  app.post('/api/scale', async (c) => answer(c, pool, { kind: 'scale', body: await jsonBody(c, scaleBody) }));
  app.post('/api/search', async (c) =>
    answer(c, pool, { kind: 'search', body: await jsonBody(c, searchBody) }),
  );
  describe(app, version);
  app.get('*', staticFiles(page));
  app.notFound((c) => c.json(problem('not-found', `there is no ${c.req.method} ${c.req.path} here`), 404));
  app.onError((error, c) => {
    const { status, body, retryAfter } = refusal(error);
    if (retryAfter !== undefined) c.header('retry-after', String(retryAfter));
    return c.json(body, status);
  });
  return app;
}

async function yamlBody(c: Context) {
  const { seed, without } = c.req.queries();
  return { spec: await c.req.text(), ...planQuery.parse({ seed: seed?.at(-1), without }) };
}
