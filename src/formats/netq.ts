import type { Fabric } from '../fabric/types.ts';
import { CorruptGzip, gunzipped, readText } from './bytes.ts';
import { excerpt, IssueCollector } from './collector.ts';
import { fabricOfNames, type NamedCable, type NamedEnd } from './named-graph.ts';
import { compareNatural } from './natural.ts';
import { stem } from './subnet-names.ts';
import type { Reader } from './types.ts';

/** The graph tells no rates. What every cable then counts as; loads stay right relative to one another. */
// literal: an assumption, said in a warning, bytes per second of 400 Gb/s
const ASSUMED_RATE = 50e9;

type Json = Readonly<Record<string, unknown>>;

/** A device of the graph with its interfaces, which become ports. */
interface Device {
  readonly name: string;
  readonly isSwitch: boolean;
  readonly interfaces: Set<string>;
}

/**
 * Reads the topology graph of NetQ (Spectrum-X): devices by tier and the cables between their interfaces. Every
 * interface of a host is a NIC port. A switch's port is its `swp` number; where ports are split, each has a place for
 * the whole port and one for each part: in four parts 'swp17' is 16 x 5 + 1 and 'swp17s2' 16 x 5 + 4. Links to devices of
 * other kinds (NVLink switches among them) are left out with a warning, and so is what has no far end.
 */
export const netq: Reader<Fabric> = {
  name: 'netq-topology',

  sniff(head) {
    const text = new TextDecoder().decode(head);
    return /^\s*[[{]/.test(text) && text.includes('"compounded_');
  },

  async read(chunks, label) {
    const issues = new IssueCollector(label);
    const graph = new Graph(issues);
    try {
      const document: unknown = JSON.parse(await readText(gunzipped(chunks)));
      for (const part of Array.isArray(document) ? document : [document]) graph.add(part);
    } catch (error) {
      if (error instanceof CorruptGzip) issues.add({ code: 'corrupt-gzip', message: error.message });
      else if (error instanceof SyntaxError)
        issues.add({ code: 'not-json', message: 'this is not valid JSON', hint: 'the file looks cut off' });
      else throw error;
    }
    const cables = issues.hasErrors ? [] : graph.cables();
    return fabricOfNames(stem(label), 'roce', cables, issues);
  },
};

class Graph {
  readonly #issues: IssueCollector;
  readonly #devices = new Map<string, Device>();
  readonly #ends: (readonly [string, string, string, string])[] = [];
  readonly #strangers = new Set<string>();
  #leftOut = 0;

  constructor(issues: IssueCollector) {
    this.#issues = issues;
  }

  add(part: unknown): void {
    if (!isObject(part)) {
      this.#wrong('a topology graph is an object with nodes and links', part);
      return;
    }
    for (const tier of list(part['nodes']))
      for (const node of isObject(tier) ? list(tier['compounded_nodes'] ?? [tier]) : []) this.#device(node);
    for (const link of list(part['links']))
      for (const cable of isObject(link) ? list(link['compounded_links'] ?? [link]) : []) this.#cable(cable);
  }

  #device(node: unknown): void {
    if (!isObject(node) || typeof node['id'] !== 'string') {
      this.#wrong('a node of the graph has no id', node);
      return;
    }
    const type = String(node['device_type'] ?? '');
    const name = typeof node['name'] === 'string' && node['name'] !== '' ? node['name'] : node['id'];
    if (/nv_?(?:link|switch)/i.test(type)) {
      this.#strangers.add(node['id']);
      return;
    }
    if (this.#devices.has(node['id'])) {
      this.#issues.add({ code: 'duplicate-node', message: `the node ${node['id']} is declared twice` });
      return;
    }
    this.#devices.set(node['id'], { name, isSwitch: type === 'switch', interfaces: new Set() });
  }

  #cable(cable: unknown): void {
    const ends = isObject(cable) ? list(cable['interfaces']).filter(isObject) : [];
    const [a, b] = ends.map((end) => [end['node'], end['interface']]);
    const all = [...(a ?? []), ...(b ?? [])];
    if (all.length !== 4 || !all.every((x) => typeof x === 'string')) {
      this.#wrong('a link of the graph has no two interfaces', cable);
      return;
    }
    const [aNode, aPort, bNode, bPort] = all as [string, string, string, string];
    if (this.#strangers.has(aNode) || this.#strangers.has(bNode)) {
      this.#leftOut++;
      return;
    }
    for (const [node, port] of [
      [aNode, aPort],
      [bNode, bPort],
    ] as const) {
      const device = this.#devices.get(node);
      if (device) device.interfaces.add(port);
      else
        this.#issues.add({
          code: 'unknown-node',
          message: `a link goes to ${excerpt(node)}, which the graph does not declare`,
        });
    }
    this.#ends.push([aNode, aPort, bNode, bPort]);
  }

  cables(): NamedCable[] {
    const warn = (code: string, message: string, hint?: string) =>
      this.#issues.add({ code, severity: 'warning', message, ...(hint === undefined ? {} : { hint }) });
    if (this.#leftOut > 0) warn('nvlink-left-out', `${this.#leftOut} links of NVLink switches are left out`);
    warn(
      'assumed-rate',
      'the graph tells no rates; every cable is taken as 400 Gb/s, so that loads are right relative to one another',
      'where ports differ in speed, give a links.csv with rates',
    );
    const ports = new Map([...this.#devices].map(([id, device]) => [id, portsOf(device)]));
    const end = (node: string, name: string): NamedEnd => {
      const device = this.#devices.get(node)!;
      const port = ports.get(node)!.get(name)!;
      if (device.isSwitch) return { isSwitch: true, name: device.name, host: '', device: '', port };
      return { isSwitch: false, name: `${device.name} ${name}`, host: device.name, device: name, port: 1 };
    };
    return this.#ends.map(([aNode, aPort, bNode, bPort]) => {
      return { a: end(aNode, aPort), b: end(bNode, bPort), rate: ASSUMED_RATE, alive: true, line: 0 };
    });
  }

  #wrong(message: string, found: unknown): void {
    this.#issues.add({ code: 'wrong-type', message, found: excerpt(JSON.stringify(found) ?? 'nothing') });
  }
}

/**
 * Number of each interface: by its own digits where all interfaces have them, else by its place among them. Graphs
 * list a port whole and split side by side ('swp1', 'swp1s0'), so that both forms need a place of their own.
 */
function portsOf(device: Device): Map<string, number> {
  const names = [...device.interfaces].sort(compareNatural);
  const found = names.map((name) => /^swp(\d{1,3})(?:s(\d{1,2}))?$/.exec(name));
  if (!found.every((x) => x !== null && x[1] !== '0')) return new Map(names.map((name, i) => [name, i + 1]));
  const places = found.reduce((most, x) => Math.max(most, x![2] === undefined ? 1 : Number(x![2]) + 2), 1);
  return new Map(
    found.map((x, i) => {
      const place = x![2] === undefined ? 1 : Number(x![2]) + 2;
      return [names[i]!, (Number(x![1]) - 1) * places + place];
    }),
  );
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
