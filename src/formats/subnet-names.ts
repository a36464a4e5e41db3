import type { DumpNode } from './subnet-types.ts';

/** A SHARP node inside a switch: it reduces, and sends no traffic of a job. */
export function isAggregator(node: DumpNode): boolean {
  return isAggregation(node.description);
}

export function isAggregation(description: string): boolean {
  return /\bAggregation Node\b/i.test(description);
}

/** 'a08-dgx-04 mlx5_5' has a host and a device; a card's factory text or 'localhost' has no host. */
export function hostAndDevice(description: string): { host: string; device: string } | null {
  const words = description.split(/\s+/).filter((w) => w !== '');
  if (words.length === 0 || words.length > 2 || words[0] === 'localhost') return null;
  return { host: words[0]!, device: words[1] ?? 'port' };
}

/** 'MF0;leaf-04:MQM9701/U1' is leaf-04; a chassis keeps the board: 'MF0;core:MCS8500/L01/U1' is core/L01. */
export function switchName(description: string): string {
  return description
    .replace(/^MF0;/, '')
    .replace(/:[^:/]*/, '')
    .replace(/\/U1$/, '');
}

/** Names that occur more than once get their GUID, so that a name says which node. */
export function unique(names: readonly string[], guids: readonly string[]): string[] {
  const count = new Map<string, number>();
  for (const name of names) count.set(name, (count.get(name) ?? 0) + 1);
  return names.map((name, i) => (name === '' || count.get(name)! > 1 ? `${name} ${guids[i]}`.trim() : name));
}

/** The file's bare name: plans hold no path. */
export function stem(label: string): string {
  const base = label.slice(Math.max(label.lastIndexOf('/'), label.lastIndexOf('\\')) + 1);
  return base.replace(/\.gz$/, '').replace(/\.[^.]+$/, '') || 'imported';
}

/** 'node1 nic0', 'node1/nic0' and 'node1-nic0' are a NIC of node1; null for a name without such an end. */
export function splitHost(name: string): { host: string; device: string } | null {
  const found = /^(\S+?)(?:[\s/]+|-(?=(?:nic|hca|mlx5_|gpu)\d))(\S+)$/i.exec(name);
  return found ? { host: found[1]!, device: found[2]! } : null;
}
