import type { NodeShape, SwitchModel, Transport } from '../catalog/types.ts';
import { formatLineRate } from '../units/format.ts';
import type { SwitchGiven } from './readings.ts';
import type { Resolver } from './resolver.ts';
import type { RawImport, RawNetwork } from './schema.ts';
import type { GeneratedNetwork, ImportedNetwork } from './types.ts';

const AT = ['cluster', 'network'] as const;

/** A network to design: what was left open stays 'auto' for the fabric stage to choose. */
export function resolveGenerated(
  raw: RawNetwork,
  node: NodeShape | undefined,
  r: Resolver,
): GeneratedNetwork {
  const topology = r.take(
    'cluster.network.topology',
    raw.topology,
    'auto',
    'Planewright compares the shapes',
  );
  const single = topology === 'fat-tree' || topology === 'rail-optimized';
  const open = 'the fewest that hold the GPUs';
  const planes = single
    ? r.take('cluster.network.planes', raw.planes, 1, `a ${topology} network is one plane`)
    : r.take('cluster.network.planes', raw.planes, 'auto' as const, open);
  const chosen = resolveSwitch(raw, node, r);
  return {
    kind: 'generated',
    topology,
    planes,
    layers: r.take('cluster.network.layers', raw.layers, 'auto', open) as 2 | 3 | 'auto',
    switch: { model: chosen.id, ports: chosen.ports, portRate: chosen.portRate },
    transport: chosen.transport,
    oversubscription: r.take(
      'cluster.network.oversubscription',
      raw.oversubscription,
      { leaf: 1, spine: 1 },
      'full bisection',
    ),
    nicPorts: r.take(
      'cluster.network.nicPorts',
      raw.nicPorts,
      'per-nic',
      'a NIC of today has its port on one plane',
    ),
    hostsPerLeaf: raw.hostsPerLeaf ?? null,
    podEndpoints: raw.podEndpoints ?? null,
    cut: raw.cut ?? 0,
  };
}

function resolveSwitch(raw: RawNetwork, node: NodeShape | undefined, r: Resolver): SwitchModel {
  const given: SwitchGiven | undefined = raw.switch;
  if (typeof given === 'string') {
    const found = r.lookup('switch', given, [...AT, 'switch'], ', or ports x rate such as 64x400G');
    if (found !== undefined) return agreed(found, raw.transport, r);
  }
  const transport = r.take(
    'cluster.network.transport',
    raw.transport,
    'infiniband',
    'the transport of most published clusters',
  );
  const ports = typeof given === 'object' ? given.ports : undefined;
  const rate = typeof given === 'object' ? given.portRate : node?.nicRate;
  const found = findSwitch(transport, ports, rate, r);
  if (given === undefined)
    r.note('cluster.network.switch', found.id, 'a switch with ports as fast as the NICs');
  return found;
}

function agreed(found: SwitchModel, transport: Transport | undefined, r: Resolver): SwitchModel {
  if (transport !== undefined && transport !== found.transport) {
    r.report({
      code: 'conflict',
      path: [...AT, 'transport'],
      message: `${found.name} speaks ${found.transport}, not ${transport}`,
      allowed: found.transport,
    });
  }
  return found;
}

/** The first catalog switch of that transport, ports and rate; else the generic one of the transport at that size. */
function findSwitch(
  transport: Transport,
  ports: number | undefined,
  rate: number | undefined,
  r: Resolver,
): SwitchModel {
  // Looked at through a view of its own, so that only the switch that is taken counts as an assumption.
  const peek = r.catalog.track(new Set());
  const id = peek.ids('switch').find((name) => {
    const s = peek.find('switch', name)!;
    const fits = s.transport === transport && (rate === undefined || s.portRate === rate);
    return fits && (ports === undefined || s.ports === ports) && !name.startsWith('generic-');
  });
  if (id !== undefined) return r.catalog.find('switch', id)!;
  const generic = r.catalog.find('switch', `generic-${transport}`);
  if (generic === undefined) throw new Error(`the catalog has no generic ${transport} switch`);
  const size = { ports: ports ?? 64, portRate: rate ?? generic.portRate };
  const text = `${size.ports} x ${formatLineRate(size.portRate)}`;
  r.note(
    'cluster.network.switch',
    generic.id,
    `no ${text} ${transport} switch in the catalog; its table limits are generic`,
  );
  return { ...generic, ...size };
}

export interface Imported {
  readonly network: ImportedNetwork;
  /** The rank map beside the fabric, when there is one. */
  readonly rankMap: readonly number[] | undefined;
}

/** A fabric that exists: its text, the hosts of the job and where the ranks are, read through the caller. */
export function resolveImported(raw: RawImport, r: Resolver): Imported {
  const text = r.read(raw.import, [...AT, 'import']) ?? '';
  const hosts = typeof raw.hosts === 'string' ? readHosts(raw.hosts, r) : (raw.hosts ?? null);
  const rankMap = typeof raw.rankMap === 'string' ? readRanks(raw.rankMap, r) : raw.rankMap;
  const seen = new Set<string>();
  const twice = hosts?.find((h) => seen.has(h) || !seen.add(h));
  if (twice !== undefined) {
    r.report({
      code: 'duplicate-name',
      path: [...AT, 'hosts'],
      message: `host '${twice.slice(0, 60)}' is listed twice`,
    });
  }
  const transport = r.take(
    'cluster.network.transport',
    raw.transport,
    'infiniband',
    'the formats that are read are of InfiniBand',
  );
  return { network: { kind: 'imported', file: raw.import, text, hosts, transport }, rankMap };
}

/** One name a line; empty lines and what follows # are left out. */
function readHosts(file: string, r: Resolver): readonly string[] | null {
  const text = r.read(file, [...AT, 'hosts']);
  if (text === undefined) return null;
  const names = words(text, /\n/u);
  if (names.length > 0) return names;
  r.report({
    code: 'empty',
    path: [...AT, 'hosts'],
    message: `no host in ${file}`,
    allowed: 'one name a line',
  });
  return null;
}

/** Numbers with white space or commas between them. */
function readRanks(file: string, r: Resolver): readonly number[] | undefined {
  const text = r.read(file, [...AT, 'rankMap']);
  if (text === undefined) return undefined;
  const items = words(text, /[\s,]+/u);
  const bad = items.findIndex((x) => !/^\d{1,9}$/u.test(x));
  if (items.length > 0 && bad === -1) return items.map(Number);
  const what = items.length === 0 ? 'no rank' : `item ${bad} is not a whole number`;
  r.report({
    code: 'not-a-number',
    path: [...AT, 'rankMap'],
    message: `${file}: ${what}`,
    allowed: 'the GPU of each rank',
  });
  return undefined;
}

function words(text: string, separator: RegExp): string[] {
  return text
    .replaceAll(/#.*$/gmu, '')
    .split(separator)
    .map((w) => w.trim())
    .filter((w) => w !== '');
}
