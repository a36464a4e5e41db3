import type { Fabric } from '../../fabric/types.ts';
import { frame, INK, label, round, seriesColour, shorten } from './kit.ts';
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
/** It stands beside something else. */
const WIDE = 460;
/** Of a letter, in pixels; and letters of a name at least and at most. */
const LETTER = 6.6;
const SHORTEST = 6;
const LONGEST = 22;
/** Width of a chosen link at least. */
const CHOSEN = 3;

/** The nodes that some links join, by tiers: for one path or one switch, never for a whole network. */
export function tree(fabric: Fabric, links: readonly TreeLink[], summary: string): Shape {
  const place = placeNodes(fabric, links);
  const most = Math.max(...links.map((l) => l.share), Number.MIN_VALUE);
  // What is chosen lies on top.
  const ordered = [...links.filter((l) => !l.chosen), ...links.filter((l) => l.chosen)];
  const shapes: Shape[] = ordered.map(({ link, share, says, chosen }) => {
    const [x1, y1] = place.get(fabric.linkFrom[link]!)!;
    const [x2, y2] = place.get(fabric.linkTo[link]!)!;
    const attributes = {
      x1,
      y1,
      x2,
      y2,
      stroke: seriesColour(chosen ? 5 : 0),
      'stroke-width': round(Math.max(chosen ? CHOSEN : 0, 1 + 4 * (share / most))),
    };
    return shape('line', attributes, shape('title', {}, says));
  });
  for (const [node, [x, y, beside, at]] of place) {
    const name = fabric.names[node]!;
    const attributes = { cx: x, cy: y, r: fabric.tier[node] === 0 ? 4 : 7, fill: INK };
    shapes.push(shape('circle', attributes, shape('title', {}, name)));
    // Every second name of a full row stands below its node.
    const full = (beside * name.length * LETTER) / WIDE > 1;
    const letters = Math.min(LONGEST, Math.floor(((full ? 2 : 1) * WIDE) / beside / LETTER) - 1);
    const below = full && at % 2 === 1;
    if (letters >= SHORTEST)
      shapes.push(label(x, below ? y + 22 : y - 12, shorten(name, letters), { anchor: 'middle' }));
  }
  const tiers = new Set([...place.keys()].map((n) => fabric.tier[n]!)).size;
  return frame(tiers * TIER_HEIGHT + 20, summary, shapes, WIDE);
}

/** Where a node is, how many are in its row, and which of them it is. */
type Place = readonly [x: number, y: number, beside: number, at: number];

/** Tiers one above the other; within a tier in the order of the links, which is the order of the way. */
function placeNodes(fabric: Fabric, links: readonly TreeLink[]): Map<number, Place> {
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
  const place = new Map<number, Place>();
  levels.forEach((tier, level) => {
    const nodes = tiers.get(tier)!;
    nodes.forEach((node, i) => {
      const x = round(((i + 0.5) * WIDE) / nodes.length);
      place.set(node, [x, 40 + level * TIER_HEIGHT, nodes.length, i]);
    });
  });
  return place;
}
