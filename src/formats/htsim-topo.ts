import { fail, ok, type Result } from '../base/result.ts';
import { buildFabric, type CableInput, type NodeInput } from '../fabric/builder.ts';
import { type Fabric, NodeKind } from '../fabric/types.ts';
import { CorruptGzip, gunzipped, readLines } from './bytes.ts';
import { excerpt, IssueCollector } from './collector.ts';
import { stem } from './subnet-names.ts';
import type { Reader } from './types.ts';

/** Keys of the head and of a tier, as htsim writes them in any case. */
const HEAD = ['nodes', 'tiers', 'podsize'] as const;
const TIER = [
  'oversubscribed',
  'downlink_speed_gbps',
  'radix_down',
  'radix_up',
  'downlink_latency_ns',
  'switch_latency_ns',
  'bundle',
] as const;
/** Passed over: they describe packet buffers, which a fluid model has none of. */
const PASSED = ['queue_size_up', 'queue_size_down'];

/** As the arrays of a Fabric can hold them. */
const MOST_PORT = 65535;
const MOST_NODES = 4_194_304;
// literal: Gb/s are bits in a file, bytes a second in a Fabric
const GIGABIT = 1e9 / 8;

type Values = Map<string, { readonly value: number; readonly line: number }>;

/**
 * Reads htsim's description of a fat tree (its `-topo` files): `Nodes`, `Tiers`, `Podsize`, then for each tier the
 * switches' radix, the speed and latency of the links below it and how many of these are bundled. Leaf i has hosts
 * i * radix_down and on; in three tiers a pod's spine j reaches the cores j, j + spines, j + 2 spines ... Issues with their
 * line: 'unknown-key', 'wrong-number', 'doubled-key', 'missing-key', 'does-not-fit'; a stated oversubscription that the
 * ports do not have is a warning, and the ports count. O(links).
 */
export const htsimTopo: Reader<Fabric> = {
  name: 'htsim-topology',

  sniff(head) {
    const text = new TextDecoder().decode(head);
    return /^\s*tiers\s+\d/im.test(text) && !/^\s*connections\s+\d/im.test(text);
  },

  async read(chunks, label) {
    const issues = new IssueCollector(label);
    const head: Values = new Map();
    const tiers: Values[] = [];
    try {
      await readKeys(readLines(gunzipped(chunks)), head, tiers, issues);
    } catch (error) {
      if (!(error instanceof CorruptGzip)) throw error;
      issues.add({ code: 'corrupt-gzip', message: error.message });
    }
    return new Topology(head, tiers, issues).toFabric(stem(label));
  },
};

async function readKeys(
  lines: AsyncIterable<string>,
  head: Values,
  tiers: Values[],
  issues: IssueCollector,
): Promise<void> {
  let at = head;
  let line = 0;
  for await (const text of lines) {
    line++;
    if (/^\s*(?:#|$)/.test(text)) continue;
    const words = text.trim().split(/\s+/);
    const key = words[0]!.toLowerCase();
    const value = words.length === 2 && /^\d{1,9}$/.test(words[1]!) ? Number(words[1]) : null;
    if (key === 'tier' && value !== null && value < 3) {
      if (tiers[value] !== undefined)
        issues.add({ code: 'doubled-key', line, message: `tier ${value} is described twice` });
      at = tiers[value] = new Map();
      continue;
    }
    const known: readonly string[] = at === head ? HEAD : TIER;
    if (PASSED.includes(key) && at !== head) continue;
    if (key !== 'tier' && !known.includes(key)) {
      const allowed = `${known.join(', ')}, tier`;
      issues.add({
        code: 'unknown-key',
        line,
        message: `there is no use for '${excerpt(words[0]!)}' here`,
        allowed,
      });
    } else if (value === null || key === 'tier') {
      const allowed = key === 'tier' ? '0, 1 or 2' : 'a whole number';
      issues.add({
        code: 'wrong-number',
        line,
        message: `the value of ${key}`,
        found: excerpt(text),
        allowed,
      });
    } else if (at.has(key)) {
      issues.add({ code: 'doubled-key', line, message: `${key} stands twice` });
    } else at.set(key, { value, line });
  }
}

/** Counts of a fat tree: what the keys come down to. */
interface Counts {
  readonly hosts: number;
  readonly layers: 2 | 3;
  readonly pods: number;
  /** Of a pod. */
  readonly leaves: number;
  readonly spines: number;
  readonly cores: number;
}

class Topology {
  readonly #head: Values;
  readonly #tiers: readonly Values[];
  readonly #issues: IssueCollector;

  constructor(head: Values, tiers: readonly Values[], issues: IssueCollector) {
    this.#head = head;
    this.#tiers = tiers;
    this.#issues = issues;
  }

  toFabric(name: string): Result<Fabric> {
    const counts = this.#counts();
    if (counts === null || this.#issues.hasErrors) return fail(this.#issues.issues);
    const { hosts, layers, pods, leaves, spines, cores } = counts;
    const nodes: NodeInput[] = [];
    const add = (what: string, count: number, tier: number): number => {
      const first = nodes.length;
      const kind = tier === 0 ? NodeKind.endpoint : NodeKind.switch;
      for (let i = 0; i < count; i++) nodes.push({ name: `${what}${i}`, kind, tier, plane: 0 });
      return first;
    };
    add('host', hosts, 0);
    const firstLeaf = add('leaf', pods * leaves, 1);
    const firstSpine = add('spine', pods * spines, 2);
    const firstCore = add('core', cores, 3);
    const cables = [
      ...this.#hostCables(hosts, firstLeaf),
      ...this.#leafCables(counts, firstLeaf, firstSpine),
      ...(layers === 3 ? this.#coreCables(counts, firstSpine, firstCore) : []),
    ];
    const identity = { name, transport: 'roce' as const, planes: 1, layers };
    const hostNames = nodes.slice(0, hosts).map((n) => n.name);
    const hostOf = Int32Array.from({ length: hosts }, (_, i) => i);
    const nicOf = new Int16Array(hosts);
    return ok(buildFabric({ ...identity, nodes, cables, hostNames, hostOf, nicOf }), this.#issues.issues);
  }

  #hostCables(hosts: number, firstLeaf: number): CableInput[] {
    const down = this.#of(0, 'radix_down');
    const cable = this.#cable(0);
    return Array.from({ length: hosts }, (_, h) => ({
      a: h,
      aPort: 1,
      b: firstLeaf + Math.floor(h / down),
      bPort: (h % down) + 1,
      ...cable,
    }));
  }

  /** Every leaf of a pod with every spine of it, so many cables each. */
  #leafCables(counts: Counts, firstLeaf: number, firstSpine: number): CableInput[] {
    const { pods, leaves, spines } = counts;
    const bundle = this.#of(1, 'bundle');
    const down = this.#of(0, 'radix_down');
    const cable = this.#cable(1);
    const cables: CableInput[] = [];
    for (let leaf = 0; leaf < pods * leaves; leaf++) {
      const pod = Math.floor(leaf / leaves);
      for (let s = 0; s < spines; s++) {
        for (let b = 0; b < bundle; b++) {
          const aPort = down + s * bundle + b + 1;
          const bPort = (leaf % leaves) * bundle + b + 1;
          cables.push({ a: firstLeaf + leaf, aPort, b: firstSpine + pod * spines + s, bPort, ...cable });
        }
      }
    }
    return cables;
  }

  #coreCables(counts: Counts, firstSpine: number, firstCore: number): CableInput[] {
    const { pods, spines } = counts;
    const bundle = this.#of(2, 'bundle');
    const down = this.#of(1, 'radix_down');
    const ways = this.#of(1, 'radix_up') / bundle;
    const cable = this.#cable(2);
    const cables: CableInput[] = [];
    for (let spine = 0; spine < pods * spines; spine++) {
      const pod = Math.floor(spine / spines);
      for (let w = 0; w < ways; w++) {
        for (let b = 0; b < bundle; b++) {
          const aPort = down + w * bundle + b + 1;
          const core = (spine % spines) + spines * w;
          cables.push({
            a: firstSpine + spine,
            aPort,
            b: firstCore + core,
            bPort: pod * bundle + b + 1,
            ...cable,
          });
        }
      }
    }
    return cables;
  }

  /** Rate and latency of a cable below `tier`. */
  #cable(tier: number): { rate: number; latency: number } {
    const above = this.#of(tier, 'switch_latency_ns');
    const below = tier === 0 ? 0 : this.#of(tier - 1, 'switch_latency_ns');
    // Nanoseconds in a file, seconds in a Fabric; the decimal reader rounds correctly.
    const latency = this.#of(tier, 'downlink_latency_ns') + (above + below) / 2;
    return { rate: this.#of(tier, 'downlink_speed_gbps') * GIGABIT, latency: Number(`${latency}e-9`) };
  }

  #counts(): Counts | null {
    const [hosts, layers, pod] = HEAD.map((key) => this.#required(this.#head, key, 'the head'));
    if (layers === null || hosts === null || pod === null) return null;
    if (layers !== 2 && layers !== 3) return this.#unfit('tiers', 'a fat tree has 2 or 3 tiers');
    if (hosts! > MOST_NODES) return this.#unfit('nodes', `at most ${MOST_NODES} hosts`);
    for (let t = 0; t < layers; t++) {
      const needed = ['downlink_speed_gbps', 'radix_down', ...(t + 1 < layers ? ['radix_up'] : [])];
      const values = this.#tiers[t];
      if (values === undefined)
        this.#issues.add({ code: 'missing-key', message: `tier ${t} is not described` });
      else for (const key of needed) this.#required(values, key, `tier ${t}`);
    }
    return this.#issues.hasErrors ? null : this.#sizes(hosts!, layers, pod!);
  }

  #sizes(hosts: number, layers: 2 | 3, pod: number): Counts | null {
    const down = [0, 1, 2].map((t) => (t < layers ? this.#of(t, 'radix_down') : 1));
    const up = [0, 1].map((t) => (t + 1 < layers ? this.#of(t, 'radix_up') : 0));
    const bundle = [0, 1, 2].map((t) => (t < layers ? this.#of(t, 'bundle') : 1));
    if (bundle[0] !== 1) return this.#unfit('bundle', 'a host has one cable');
    if (Math.max(...down.map((d, t) => d + (up[t] ?? 0))) > MOST_PORT)
      return this.#unfit('radix_down', `at most ${MOST_PORT} ports a switch`);
    if (hosts % pod !== 0) return this.#unfit('podsize', `a divisor of the ${hosts} hosts`);
    if (layers === 2 && pod !== hosts)
      return this.#unfit('podsize', `with two tiers one pod of all ${hosts} hosts`);
    const pods = hosts / pod;
    const leaves = pod / down[0]!;
    const spines = up[0]! / bundle[1]!;
    if (!Number.isInteger(leaves)) return this.#unfit('radix_down', `a divisor of the pod's ${pod} hosts`);
    if (!Number.isInteger(spines)) return this.#unfit('radix_up', 'a multiple of the bundle of tier 1');
    if (leaves * bundle[1]! !== down[1])
      return this.#unfit(
        'radix_down',
        `${leaves * bundle[1]!} in tier 1: ${leaves} leaves a pod, bundles of ${bundle[1]}`,
      );
    const ways = layers === 3 ? up[1]! / bundle[2]! : 0;
    if (!Number.isInteger(ways))
      return this.#unfit('radix_up', 'in tier 1 a multiple of the bundle of tier 2');
    if (layers === 3 && pods * bundle[2]! !== down[2])
      return this.#unfit(
        'radix_down',
        `${pods * bundle[2]!} in tier 2: ${pods} pods, bundles of ${bundle[2]}`,
      );
    for (let t = 0; t + 1 < layers; t++) this.#checkOversubscription(t);
    return { hosts, layers, pods, leaves, spines, cores: spines * ways };
  }

  #checkOversubscription(tier: number): void {
    const stated = this.#tiers[tier]?.get('oversubscribed');
    const speed = (t: number): number => this.#of(t, 'downlink_speed_gbps');
    const real =
      (this.#of(tier, 'radix_down') * speed(tier)) / (this.#of(tier, 'radix_up') * speed(tier + 1));
    if (stated === undefined || stated.value === real) return;
    this.#issues.add({
      code: 'oversubscription',
      severity: 'warning',
      line: stated.line,
      message: `tier ${tier} is said to be oversubscribed ${stated.value} to 1, but its ports make it ${Number(real.toPrecision(4))} to 1: the ports count`,
    });
  }

  #of(tier: number, key: (typeof TIER)[number]): number {
    return this.#tiers[tier]?.get(key)?.value ?? (key === 'bundle' ? 1 : 0);
  }

  #required(values: Values, key: string, where: string): number | null {
    const found = values.get(key);
    if (found === undefined)
      this.#issues.add({ code: 'missing-key', message: `${key} is missing in ${where}` });
    else if (found.value > 0) return found.value;
    else
      this.#issues.add({ code: 'wrong-number', line: found.line, message: `${key} is above 0`, found: '0' });
    return null;
  }

  #unfit(key: string, allowed: string): null {
    this.#issues.add({ code: 'does-not-fit', message: `${key} does not fit the rest of the tree`, allowed });
    return null;
  }
}
