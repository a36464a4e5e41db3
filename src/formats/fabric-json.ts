import type { Issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { buildFabric, type CableInput, type NodeInput } from '../fabric/builder.ts';
import { type Fabric, NodeKind } from '../fabric/types.ts';
import { serialise } from '../numeric/serialise.ts';
import { CorruptGzip, gunzipped, readText } from './bytes.ts';
import { excerpt, IssueCollector } from './collector.ts';
import type { Reader } from './types.ts';

/** Marks the document; a reader of version n refuses what is newer. */
const FORMAT = 'planewright-fabric';
const VERSION = 1;
const TRANSPORTS = ['infiniband', 'roce'] as const;
/** Ports and node numbers as the arrays of a Fabric can hold them. */
const MOST_PORT = 65535;
/** LMC has three bits. */
const MOST_LMC = 7;

/**
 * Planewright's own fabric file: columns of nodes, hosts and cables, a cable once, its links derived. Reading what
 * was written gives the same fabric, link by link (rates to 12 digits). All issues at once, with their path.
 */
export const fabricJson: Reader<Fabric> = {
  name: 'fabric.json',

  sniff(head) {
    return new TextDecoder().decode(head).includes(`"${FORMAT}"`);
  },

  async read(chunks, label) {
    const issues = new IssueCollector(label);
    let text = '';
    try {
      text = await readText(gunzipped(chunks));
    } catch (error) {
      if (!(error instanceof CorruptGzip)) throw error;
      issues.add({ code: 'corrupt-gzip', message: error.message });
      return fail(issues.issues);
    }
    const document = parse(text, issues);
    return document === null ? fail(issues.issues) : new Document(document, issues).toFabric();
  },
};

/** The fabric as fabric.json, in chunks: one column a line. */
export function* writeFabricJson(fabric: Fabric): Generator<string> {
  const { endpoints, planes, layers, transport, name } = fabric;
  const lmc = fabric.lmc === 0 ? {} : { lmc: fabric.lmc };
  const head = { format: FORMAT, version: VERSION, name, transport, planes, layers, endpoints, ...lmc };
  const entries = Object.entries(head).map(([key, value]) => `  "${key}": ${serialise(value)}`);
  yield `{\n${entries.join(',\n')},\n`;
  const nodes = { names: fabric.names, kind: fabric.kind, tier: fabric.tier, plane: fabric.plane };
  const ids = fabric.guid === null ? {} : { guid: fabric.guid, lid: fabric.lid ?? [] };
  const ports = fabric.portGuid === null ? {} : { portGuid: fabric.portGuid };
  yield* section('nodes', { ...nodes, ...ids, ...ports }, ',');
  yield* section('hosts', { names: fabric.hosts.names, of: fabric.hosts.of, nic: fabric.hosts.nic }, ',');
  yield* section('cables', cableColumns(fabric), '');
  yield '}\n';
}

function* section(title: string, columns: Record<string, unknown>, end: string): Generator<string> {
  yield `  "${title}": {\n`;
  const entries = Object.entries(columns);
  for (const [i, [key, value]] of entries.entries()) {
    yield `    "${key}": ${serialise(value)}${i + 1 < entries.length ? ',' : ''}\n`;
  }
  yield `  }${end}\n`;
}

/** A cable is written at its lower link id; one rate for all is one number. */
function cableColumns(fabric: Fabric): Record<string, unknown> {
  const links: number[] = [];
  for (let l = 0; l < fabric.links; l++) if (fabric.linkReverse[l]! > l) links.push(l);
  const back = (l: number) => fabric.linkReverse[l]!;
  const rates = links.map((l) => fabric.linkRate[l]!);
  const latency = fabric.linkLatency;
  const dead: number[] = [];
  for (const [i, l] of links.entries()) if (!fabric.linkAlive[l] || !fabric.linkAlive[back(l)]) dead.push(i);
  return {
    a: links.map((l) => fabric.linkFrom[l]!),
    aPort: links.map((l) => fabric.linkPort[l]!),
    b: links.map((l) => fabric.linkTo[l]!),
    bPort: links.map((l) => fabric.linkPort[back(l)]!),
    rate: oneOrAll(rates),
    ...(latency && { latency: oneOrAll(links.map((l) => latency[l]!)) }),
    dead,
  };
}

function oneOrAll(values: readonly number[]): number | readonly number[] {
  return values.length > 0 && values.every((v) => v === values[0]) ? values[0]! : values;
}

type Json = Readonly<Record<string, unknown>>;

function parse(text: string, issues: IssueCollector): Json | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const position = /position (\d+)/.exec(String(error))?.[1];
    const before = position === undefined ? null : text.slice(0, Number(position)).split('\n');
    const at = before ? { line: before.length, column: before[before.length - 1]!.length + 1 } : {};
    issues.add({
      code: 'not-json',
      message: 'this is not valid JSON',
      found: excerpt(text.slice(0, 80)),
      ...at,
    });
    return null;
  }
  if (!isObject(value)) {
    issues.add({
      code: 'wrong-type',
      message: 'a fabric file is one JSON object',
      found: excerpt(text.slice(0, 80)),
    });
    return null;
  }
  return value;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Checks the document column by column; every getter reports what is wrong and returns something harmless. */
class Document {
  readonly #root: Json;
  readonly #issues: IssueCollector;

  constructor(root: Json, issues: IssueCollector) {
    this.#root = root;
    this.#issues = issues;
  }

  toFabric(): Result<Fabric> {
    const root = this.#root;
    if (root['format'] !== FORMAT) this.#wrong(['format'], 'the format', root['format'], `"${FORMAT}"`);
    if (root['version'] !== VERSION)
      this.#wrong(['version'], 'the version of the format', root['version'], String(VERSION));
    const name =
      typeof root['name'] === 'string'
        ? root['name']
        : this.#wrong(['name'], 'the name', root['name'], 'a text') || '';
    const transport = TRANSPORTS.find((t) => t === root['transport']);
    if (transport === undefined)
      this.#wrong(['transport'], 'the transport', root['transport'], TRANSPORTS.join(' or '));
    const planes = this.#whole(['planes'], root['planes'], 1, MOST_PORT);
    const layers = this.#whole(['layers'], root['layers'], 1, 255);
    const lmc = this.#whole(['lmc'], root['lmc'] ?? 0, 0, MOST_LMC);
    const nodes = this.#nodes(planes);
    const endpoints = this.#whole(['endpoints'], root['endpoints'], 0, nodes.length);
    for (const [i, node] of nodes.entries()) {
      if ((node.kind === NodeKind.switch) === i < endpoints) {
        this.#wrong(
          ['nodes', 'kind', i],
          'endpoints stand before switches: this kind',
          node.kind,
          i < endpoints ? '0 or 2' : '1',
        );
      }
    }
    const hosts = this.#section('hosts');
    const hostNames = this.#texts(['hosts', 'names'], hosts['names'], null);
    const hostOf = this.#column(['hosts', 'of'], hosts['of'], endpoints, -1, hostNames.length - 1);
    const nicOf = this.#column(['hosts', 'nic'], hosts['nic'], endpoints, 0, 32767);
    const cables = this.#cables(nodes.length);
    const issues: readonly Issue[] = this.#issues.issues;
    if (issues.length > 0 || transport === undefined) return fail(issues);
    const hostsOf = { hostNames, hostOf, nicOf };
    return ok(buildFabric({ name, transport, planes, layers, lmc, nodes, cables, ...hostsOf }));
  }

  #nodes(planes: number): NodeInput[] {
    const nodes = this.#section('nodes');
    const names = this.#texts(['nodes', 'names'], nodes['names'], null);
    const n = names.length;
    const kind = this.#column(['nodes', 'kind'], nodes['kind'], n, 0, 2);
    const tier = this.#column(['nodes', 'tier'], nodes['tier'], n, 0, 255);
    const plane = this.#column(['nodes', 'plane'], nodes['plane'], n, 0, Math.max(planes - 1, 0));
    const texts = (key: string) =>
      nodes[key] === undefined ? null : this.#texts(['nodes', key], nodes[key], n);
    const guid = texts('guid');
    const portGuid = texts('portGuid');
    const lid =
      nodes['lid'] === undefined ? null : this.#column(['nodes', 'lid'], nodes['lid'], n, 0, MOST_PORT);
    return names.map((name, i) => {
      const ids = guid ? { guid: guid[i] ?? '', lid: lid?.[i] ?? 0 } : {};
      const port = portGuid ? { portGuid: portGuid[i] ?? '' } : {};
      return { name, kind: kind[i] ?? 0, tier: tier[i] ?? 0, plane: plane[i] ?? 0, ...ids, ...port };
    });
  }

  #cables(nodes: number): CableInput[] {
    const cables = this.#section('cables');
    const count = Array.isArray(cables['a']) ? cables['a'].length : 0;
    const a = this.#column(['cables', 'a'], cables['a'], count, 0, nodes - 1);
    const b = this.#column(['cables', 'b'], cables['b'], count, 0, nodes - 1);
    const aPort = this.#column(['cables', 'aPort'], cables['aPort'], count, 1, MOST_PORT);
    const bPort = this.#column(['cables', 'bPort'], cables['bPort'], count, 1, MOST_PORT);
    const rates = this.#numbers('rate', 'the rate of a cable, bytes a second', cables['rate'], count, true);
    const latencies =
      cables['latency'] === undefined
        ? null
        : this.#numbers('latency', 'the latency of a cable, seconds', cables['latency'], count, false);
    const dead = new Set(this.#column(['cables', 'dead'], cables['dead'] ?? [], null, 0, count - 1));
    const taken = new Map<number, number>();
    const result: CableInput[] = [];
    for (let i = 0; i < count; i++) {
      this.#takePort(taken, a[i]!, aPort[i]!, i);
      this.#takePort(taken, b[i]!, bPort[i]!, i);
      if (a[i] === b[i])
        this.#wrong(['cables', 'b', i], 'the far end of the cable', b[i], 'another node than its near end');
      result.push({
        a: a[i]!,
        aPort: aPort[i]!,
        b: b[i]!,
        bPort: bPort[i]!,
        rate: rates[i]!,
        alive: !dead.has(i),
        ...(latencies && { latency: latencies[i]! }),
      });
    }
    return result;
  }

  /** A column of `cables` that may be one number for all. */
  #numbers(key: string, what: string, value: unknown, count: number, aboveZero: boolean): number[] {
    const list: unknown[] = Array.isArray(value) ? value : new Array(count).fill(value);
    if (list.length !== count)
      this.#wrong(
        ['cables', key],
        `${key} of the cables`,
        `${list.length} entries`,
        `one number, or ${count} entries`,
      );
    return list.slice(0, count).map((x, i) => {
      if (typeof x === 'number' && Number.isFinite(x) && (aboveZero ? x > 0 : x >= 0)) return x;
      this.#wrong(['cables', key, i], what, x, aboveZero ? 'a number above 0' : 'a number, 0 or more');
      return 1;
    });
  }

  #takePort(taken: Map<number, number>, node: number, port: number, cable: number): void {
    const key = node * (MOST_PORT + 1) + port;
    const other = taken.get(key);
    if (other !== undefined)
      this.#wrong(
        ['cables', 'a', cable],
        `cables ${other} and ${cable} share a port of a node`,
        `node ${node} port ${port}`,
        'one cable a port',
      );
    else taken.set(key, cable);
  }

  #section(key: string): Json {
    const value = this.#root[key];
    if (isObject(value)) return value;
    this.#wrong([key], `the section '${key}'`, value, 'an object of columns');
    return {};
  }

  #texts(path: (string | number)[], value: unknown, length: number | null): string[] {
    const wrong = !Array.isArray(value) || (length !== null && value.length !== length);
    if (wrong)
      this.#wrong(
        path,
        'a column of texts',
        Array.isArray(value) ? `${value.length} entries` : value,
        `${length ?? 'a list of'} entries`,
      );
    return (Array.isArray(value) ? value : []).map((x: unknown, i) => {
      if (typeof x === 'string') return x;
      this.#wrong([...path, i], 'a name', x, 'a text');
      return '';
    });
  }

  #column(
    path: (string | number)[],
    value: unknown,
    length: number | null,
    low: number,
    high: number,
  ): number[] {
    const wrong = !Array.isArray(value) || (length !== null && value.length !== length);
    if (wrong) {
      this.#wrong(
        path,
        'a column of numbers',
        Array.isArray(value) ? `${value.length} entries` : value,
        `${length ?? 'a list of'} entries`,
      );
      return new Array(length ?? 0).fill(low);
    }
    return value.map((x: unknown, i) => this.#whole([...path, i], x, low, high));
  }

  #whole(path: (string | number)[], value: unknown, low: number, high: number): number {
    if (typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high) return value;
    this.#wrong(path, 'a whole number', value, `${low} to ${high}`);
    return low;
  }

  #wrong(path: readonly (string | number)[], what: string, found: unknown, allowed: string): undefined {
    const text = typeof found === 'string' ? found : (JSON.stringify(found) ?? 'nothing');
    this.#issues.add({
      code: 'wrong-value',
      path,
      message: `${what} is not as it should be`,
      found: excerpt(text),
      allowed,
    });
  }
}
