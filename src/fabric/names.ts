import type { Fabric } from './types.ts';

/** A link as an operator finds it: 'p0-leaf003:40 -> p0-spine01:4', names and ports at both ends. */
export function linkName(fabric: Fabric, link: number): string {
  const from = fabric.names[fabric.linkFrom[link]!]!;
  const to = fabric.names[fabric.linkTo[link]!]!;
  return `${from}:${fabric.linkPort[link]} -> ${to}:${fabric.linkPort[fabric.linkReverse[link]!]}`;
}
