import type { Fabric } from '../../fabric/types.ts';
import { frame, INK, label, round, seriesColour, shorten, WIDTH } from './kit.ts';
import { type Shape, shape } from './shape.ts';

/** A directed link of the drawing: by how much of what is drawn it carries (0 to 1), and what it says. */
export interface TreeLink {
  readonly link: number;
  readonly share: number;
  readonly says: string;
  /** What is being looked at, among the others. */
  readonly chosen?: boolean;
}

const TIER_HEIGHT = 74;

/** The nodes that some links join, by tiers: for one path or one switch, never for a whole network. */
export function tree(fabric: Fabric, links: readonly TreeLink[], summary: string): Shape {
  const place = placeNodes(fabric, links);
  const most = Math.max(...links.map((l) => l.share), Number.MIN_VALUE);
  const shapes: Shape[] = links.map(({ link, share, says, chosen }) => {
    const [x1, y1] = place.get(fabric.linkFrom[link]!)!;
    const [x2, y2] = place.get(fabric.linkTo[link]!)!;
    const attributes = {
      x1,
      y1,
      x2,
      y2,
      stroke: seriesColour(chosen ? 5 : 0),
      'stroke-width': round(1 + 4 * (share / most)),
    };
    return shape('line', attributes, shape('title', {}, says));
  });
  const crowded = place.size > 24;
  for (const [node, [x, y]] of place) {
    const name = fabric.names[node]!;
    const attributes = { cx: x, cy: y, r: fabric.tier[node] === 0 ? 4 : 7, fill: INK };
    shapes.push(shape('circle', attributes, shape('title', {}, name)));
    if (!crowded) shapes.push(label(x, y - 12, shorten(name, 22), { anchor: 'middle' }));
  }
  const tiers = new Set([...place.keys()].map((n) => fabric.tier[n]!)).size;
  return frame(tiers * TIER_HEIGHT + 20, summary, shapes);
}

/** Tiers one above the other; within a tier in the order of the links, which is the order of the way. */
function placeNodes(fabric: Fabric, links: readonly TreeLink[]): Map<number, [number, number]> {
  const tiers = new Map<number, number[]>();
  const seen = new Set<number>();
  for (const { link } of links) {
    for (const node of [fabric.linkFrom[link]!, fabric.linkTo[link]!]) {
      if (seen.has(node)) continue;
      seen.add(node);
      const tier = fabric.tier[node]!;
      tiers.set(tier, [...(tiers.get(tier) ?? []), node]);
    }
  }
  const levels = [...tiers.keys()].sort((a, b) => b - a);
  const place = new Map<number, [number, number]>();
  levels.forEach((tier, level) => {
    const nodes = tiers.get(tier)!;
    nodes.forEach((node, i) => {
      place.set(node, [round(((i + 0.5) * WIDTH) / nodes.length), 40 + level * TIER_HEIGHT]);
    });
  });
  return place;
}
