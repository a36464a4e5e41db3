import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
    const failed = ['plan', 'examples/small-32.yaml', '--json', '--fail', 'spine:spine00'];
    const answer = await post('/api/plan', { spec: SMALL, fail: ['spine:spine00'] });
    expect(await answer.text()).toBe(planewright(failed).stdout);
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

  it.each([
    ['lmc', ['--lmc', '2'], { lmc: 2 }],
    ['valleys', ['--valleys', 'omit'], { valleys: 'omit' }],
    ['backup', ['--backup', mkdtempSync(join(tmpdir(), 'planewright-backup-'))], { backup: true }],
    ['without', ['--without', 'spine:row-spine3'], { without: ['spine:row-spine3'] }],
    ['up-down', ['--up-down'], { upDown: true }],
  ])('takes %s as the option of the command', async (_, args, options) => {
    const expected = planewright(['route', file, '--json', ...args]);
    expect(expected.stderr).not.toContain('error');
    const answer = await post('/api/route', { fabric: readFileSync(file, 'utf8'), ...options });
    expect(await answer.text()).toBe(expected.stdout);
  });

  it('repairs the tables that came with it, as the command does', async () => {
    const tables = join(mkdtempSync(join(tmpdir(), 'planewright-route-')), 'lfts.txt');
    expect(planewright(['route', file, '--out', tables]).status).toBe(0);
    const damage = ['--without', 'spine:row-spine3'];
    const args = ['route', file, '--tables', tables, ...damage, '--repair', 'even', '--json'];
    const body = {
      fabric: readFileSync(file, 'utf8'),
      tables: [readFileSync(tables, 'utf8')],
      without: ['spine:row-spine3'],
      repair: 'even',
    };
    expect(await (await post('/api/route', body)).text()).toBe(planewright(args).stdout);
    expect(await codes(await post('/api/route', { ...body, tables: undefined }))).toEqual(['no-tables']);
  });

  it('pins flows on RoCE, and says what goes together with what', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'planewright-roce-'));
    expect(planewright(['plan', 'examples/roce-oversubscribed.yaml', '--out', folder]).status).toBe(0);
    const network = join(folder, 'fabric.json');
    const args = ['route', network, '--traffic', 'permutation', '--flow-based', '--json'];
    const body = { fabric: readFileSync(network, 'utf8'), traffic: 'permutation', flowBased: true };
    expect(await (await post('/api/route', body)).text()).toBe(planewright(args).stdout);
    expect(await codes(await post('/api/route', { ...body, lmc: 1, backup: true }))).toEqual([
      'transport-cannot',
      'transport-cannot',
      'options-clash',
    ]);
  }, 60_000);

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

it('POST /api/scale answers with the bytes of the command, and says how far it is', async () => {
  const expected = planewright(['scale', 'examples/small-32.yaml', '--days', '30', '--json']).stdout;
  const answer = await post('/api/scale', { spec: SMALL, days: 30 }, { accept: 'text/event-stream' });
  const stream = events(await answer.text());
  expect(`${stream.at(-1)![1]}`).toBe(expected);
  expect(stream.some(([event, data]) => event === 'progress' && data.includes('"stage":"scale"'))).toBe(true);
}, 120_000);

it('POST /api/search answers with the bytes of the command', async () => {
  const args = ['search', 'examples/small-32.yaml', '--objective', 'cost', '--top', '2', '--json'];
  const answer = await post('/api/search', { spec: SMALL, objective: 'cost', top: 2 });
  expect(await answer.text()).toBe(planewright(args).stdout);
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
    '/api/scale',
    '/api/search',
    '/api/health',
  ]);
  for (const [, name] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g))
    expect(Object.keys(document.components.schemas)).toContain(name);
  expect(text).not.toContain('#/$defs/');
});
