import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planText } from '../../src/plan/library.ts';
import { planewright } from '../support/cli.ts';
import { raw, serve, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await serve();
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
});

const example = (name: string): string => readFileSync(`examples/${name}.yaml`, 'utf8');
const SMALL = example('small-32');

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(new URL(path, server.address), {
    method: 'POST',
    headers: {
      'content-type': typeof body === 'string' ? 'application/yaml' : 'application/json',
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

async function codes(response: Response): Promise<string[]> {
  const { issues } = (await response.json()) as { issues: { code: string }[] };
  return issues.map((i) => i.code);
}

/** Events of a stream as [event, data]. */
function events(text: string): [string, string][] {
  return text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      const of = (field: string) =>
        block
          .split('\n')
          .filter((line) => line.startsWith(`${field}: `))
          .map((line) => line.slice(field.length + 2));
      return [of('event').join(), of('data').join('\n')];
    });
}

describe('POST /api/plan', () => {
  it.each(['small-32', 'deepseek-v3'])('%s: the bytes of the command and of the library', async (name) => {
    const text = await (await post('/api/plan', example(name))).text();
    expect(text).toBe(planewright(['plan', `examples/${name}.yaml`, '--json']).stdout);
    expect(text).toBe(await planText(example(name)));
  });

  it('takes JSON, a seed and parts taken out, as the options of the command', async () => {
    const args = ['plan', 'examples/small-32.yaml', '--json', '--seed', '7', '--without', 'spine:spine00'];
    const expected = planewright(args).stdout;
    const options = { seed: 7, without: ['spine:spine00'] };
    expect(await (await post('/api/plan', { spec: SMALL, ...options })).text()).toBe(expected);
    const query = '/api/plan?seed=7&without=spine:spine00';
    expect(await (await post(query, SMALL)).text()).toBe(expected);
  });

  it('takes the spec as an object', async () => {
    const spec = { model: 'qwen-3-30b-a3b', cluster: { node: 'hgx-h100', gpus: 16 } };
    const response = await post('/api/plan', { spec });
    expect(await response.text()).toBe(await planText(JSON.stringify(spec)));
  });

  it('streams progress and then the same bytes', async () => {
    const response = await post('/api/plan', SMALL, { accept: 'text/event-stream' });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const stream = events(await response.text());
    expect(stream.map(([event]) => event)).toEqual([...Array(stream.length - 1).fill('progress'), 'result']);
    expect(stream.length).toBeGreaterThan(5);
    expect(stream.at(-1)![1]).toBe(await planText(SMALL));
  });

  it('returns every issue of a faulty spec with its place', async () => {
    const response = await post('/api/plan', 'model: nothing\ncluster: {node: hgx-h100, gpus: many}\n');
    expect(response.status).toBe(422);
    const { issues } = (await response.json()) as { issues: { line: number }[] };
    expect(issues.map((i) => i.line)).toEqual([1, 2]);
  });

  it('opens no file of this machine for a spec', async () => {
    const network = { import: '/etc/passwd' };
    const spec = { model: 'llama-3.1-8b', cluster: { node: 'hgx-h100', gpus: 16, network } };
    const response = await post('/api/plan', { spec });
    expect(response.status).toBe(422);
    expect(await response.text()).not.toContain('root:');
  });

  it('reads the files that came with the request', async () => {
    const text = readFileSync('test/fixtures/irregular.ibnetdiscover', 'utf8');
    const network = { import: 'dump' };
    const spec = { model: 'llama-3.1-8b', cluster: { node: 'hgx-h100', gpus: 16, network } };
    const response = await post('/api/plan', { spec, files: { dump: text } });
    expect((await response.text()).slice(0, 200)).not.toContain('cannot-read');
  });

  it('refuses what is no request', async () => {
    const wrong: [body: string, type: string, status: number, code: string][] = [
      ['{', 'application/json', 400, 'json'],
      ['{"spec": 3, "more": 1}', 'application/json', 400, 'request'],
      [SMALL, 'text/html', 415, 'media-type'],
    ];
    for (const [body, type, status, code] of wrong) {
      const response = await post('/api/plan', body, { 'content-type': type });
      expect(response.status).toBe(status);
      expect(await codes(response)).toContain(code);
    }
    expect((await raw(server.address, { path: '/api/plan' })).status).toBe(404);
    const headers = { 'content-type': 'application/json', 'content-length': '999999999999' };
    expect((await raw(server.address, { path: '/api/plan', method: 'POST', headers })).status).toBe(413);
  });
});

describe('POST /api/route', () => {
  const file = 'test/fixtures/irregular.ibnetdiscover';

  it('answers with the bytes of the command', async () => {
    const traffic = 'all-to-all:1,same-rail:2';
    const args = ['route', file, '--traffic', traffic, '--seed', '3', '--json'];
    const body = { fabric: readFileSync(file, 'utf8'), traffic, seed: 3 };
    expect(await (await post('/api/route', body)).text()).toBe(planewright(args).stdout);
  });

  it('returns the issues of fabrics and traffic', async () => {
    expect(await codes(await post('/api/route', { fabric: 'nonsense' }))).toEqual(['unknown-format']);
    const fabric = readFileSync(file, 'utf8');
    expect(await codes(await post('/api/route', { fabric, traffic: 'al-to-all' }))).toEqual([
      'traffic-pattern',
    ]);
    expect(await codes(await post('/api/route', { fabric, traffic: '/etc/hosts.csv' }))).toEqual([
      'cannot-read',
    ]);
  });
});

it('POST /api/advise answers with the bytes of the command', async () => {
  const answer = await post('/api/advise', { spec: SMALL });
  expect(await answer.text()).toBe(planewright(['advise', 'examples/small-32.yaml', '--json']).stdout);
}, 120_000);

describe('POST /api/simulate', () => {
  it('answers with the bytes of the command', async () => {
    const file = 'test/fixtures/irregular.ibnetdiscover';
    const args = [
      'simulate',
      file,
      '--traffic',
      'shift:1',
      '--routing',
      'ecmp,modulo',
      '--seeds',
      '2',
      '--json',
    ];
    const body = { fabric: readFileSync(file, 'utf8'), traffic: 'shift:1', routing: 'ecmp,modulo', seeds: 2 };
    expect(await (await post('/api/simulate', body)).text()).toBe(planewright(args).stdout);
  });

  it('returns the issues of its words', async () => {
    const fabric = readFileSync('test/fixtures/irregular.ibnetdiscover', 'utf8');
    expect(await codes(await post('/api/simulate', { fabric, routing: 'ecpm' }))).toEqual([
      'unknown-routing',
    ]);
  });
});

it('describes itself in OpenAPI 3.1, every reference in place', async () => {
  const text = await (await fetch(new URL('/api/openapi.json', server.address))).text();
  const document = JSON.parse(text) as { openapi: string; paths: object; components: { schemas: object } };
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths)).toEqual([
    '/api/plan',
    '/api/route',
    '/api/simulate',
    '/api/advise',
    '/api/health',
  ]);
  for (const [, name] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g))
    expect(Object.keys(document.components.schemas)).toContain(name);
  expect(text).not.toContain('#/$defs/');
});
