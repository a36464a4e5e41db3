import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planewright } from '../support/cli.ts';
import { raw, serve, type TestServer } from '../support/server.ts';

const YAML = { 'content-type': 'application/yaml' };
const example = (name: string): string => readFileSync(`examples/${name}.yaml`, 'utf8');
const SMALL = example('small-32');

function plan(address: string, text: string, init: RequestInit = {}): Promise<Response> {
  return fetch(new URL('/api/plan', address), { method: 'POST', headers: YAML, body: text, ...init });
}

async function health(address: string): Promise<{ running: number; waiting: number }> {
  return (await (await fetch(new URL('/api/health', address))).json()) as {
    running: number;
    waiting: number;
  };
}

/** Resolves once nothing runs or waits. */
async function idle(address: string): Promise<void> {
  for (;;) {
    const { running, waiting } = await health(address);
    if (running + waiting === 0) return;
    await new Promise((done) => setTimeout(done, 50));
  }
}

describe('who may ask', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await serve('--token', 'let me in');
  });
  afterAll(() => server.stop());

  it('asks for the token', async () => {
    const { origin } = new URL(server.address);
    for (const path of ['/', '/api/health', '/api/plan', '/index.html', '/?token=wrong'])
      expect((await raw(origin, { path })).status).toBe(401);
    const authorization = 'Bearer let me in';
    expect((await raw(origin, { path: '/api/health', headers: { authorization } })).status).toBe(200);
    expect((await plan(origin, SMALL)).status).toBe(401);
    expect((await plan(origin, SMALL, { headers: { ...YAML, authorization } })).status).toBe(200);
  });

  it('gives the page a cookie and an address without the token', async () => {
    const { origin } = new URL(server.address);
    const first = await raw(origin, { path: '/?token=let+me+in' });
    expect([first.status, first.headers.location]).toEqual([302, '/']);
    const cookie = first.headers['set-cookie']![0]!;
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
    const headers = { cookie: cookie.split(';')[0]! };
    expect((await raw(origin, { path: '/api/health', headers })).status).toBe(200);
  });

  it('answers no other site and under no other name', async () => {
    const headers = { authorization: 'Bearer let me in' };
    const path = '/api/health';
    const status = async (more: Record<string, string>) =>
      (await raw(server.address, { path, headers: { ...headers, ...more } })).status;
    expect(await status({ origin: 'https://evil.example' })).toBe(403);
    expect(await status({ origin: 'null' })).toBe(403);
    expect(await status({ host: 'evil.example' })).toBe(403);
    expect(await status({ origin: new URL(server.address).origin })).toBe(200);
  });
});

describe('what is served', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await serve();
  });
  afterAll(() => server.stop());

  it('has no way out of its folder', async () => {
    const paths = [
      '/../package.json',
      '/..%2fpackage.json',
      '/%2e%2e/package.json',
      '/assets/../../cli/main.js',
    ];
    const more = ['/..\\package.json', '//etc/passwd', '/%00', '/.%00./package.json', '/....//package.json'];
    for (const path of [...paths, ...more]) {
      const { status, body } = await raw(server.address, { path });
      expect([400, 404]).toContain(status);
      expect(body).not.toMatch(/"version"|root:|#!/);
    }
  });

  it('carries a strict policy on every answer', async () => {
    for (const path of ['/', '/api/health', '/nothing']) {
      const { headers } = await raw(server.address, { path });
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval';");
      expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|\*/);
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
  });

  it('plans for forty at a time, without an error', async () => {
    const seeds = Array.from({ length: 40 }, (_, i) => i);
    const answers = await Promise.all(
      seeds.map(async (seed) => {
        const response = await fetch(new URL(`/api/plan?seed=${seed}`, server.address), {
          method: 'POST',
          headers: YAML,
          body: SMALL,
        });
        return { status: response.status, plan: (await response.json()) as { spec: { seed: number } } };
      }),
    );
    expect(answers.map((a) => a.status)).toEqual(seeds.map(() => 200));
    expect(answers.map((a) => a.plan.spec.seed)).toEqual(seeds);
    expect(await health(server.address)).toMatchObject({ running: 0, waiting: 0 });
  });
});

describe('under load', () => {
  it('says when to come back once its queue is full', async () => {
    const server = await serve('--workers', '1', '--queue', '2');
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => plan(server.address, example('deepseek-v3'))),
    );
    const statuses = answers.map((a) => a.status).sort();
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
    for (const answer of answers.filter((a) => a.status === 503))
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await plan(server.address, SMALL)).status).toBe(200);
    await server.stop();
  });

  it('stops working for whoever went away', async () => {
    const server = await serve('--workers', '1');
    const large = example('cluster-65536');
    const gone = new AbortController();
    const answer = plan(server.address, large, { signal: gone.signal });
    while ((await health(server.address)).running === 0) await new Promise((done) => setTimeout(done, 20));
    gone.abort();
    await expect(answer).rejects.toThrow();
    await idle(server.address);
    expect((await plan(server.address, SMALL)).status).toBe(200);
    await server.stop();
  });

  it('ends what takes longer than allowed, and goes on', async () => {
    const server = await serve('--workers', '1', '--time-limit', '1');
    const late = await plan(server.address, example('cluster-65536'));
    expect(late.status).toBe(504);
    await idle(server.address);
    const small = await plan(server.address, SMALL);
    expect(await small.text()).toBe(planewright(['plan', 'examples/small-32.yaml', '--json']).stdout);
    await server.stop();
  });
});

it('says why it cannot listen', async () => {
  const server = await serve();
  const { port } = new URL(server.address);
  const second = planewright(['serve', '--port', port]);
  expect(second.status).toBe(2);
  expect(second.stderr).toContain('something else listens there');
  expect(await server.stop()).toBe(0);
});
