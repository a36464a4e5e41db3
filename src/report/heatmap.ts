import type { Fabric } from '../fabric/types.ts';
import { escapeXml } from './charts/shape.ts';

/** One routing's loads: a row of the picture. Bytes by directed link, length links. */
export interface HeatmapPanel {
  readonly label: string;
  readonly load: Float64Array;
}

/** Cells in the whole picture; beyond it neighbouring leaves share a row, which shows the hotter one. */
const MOST_CELLS = 16_384;
const CELL = 7;
const GAP = 14;
const LEFT = 8;
const TOP = 54;
/** Room for the labels where the maps are few. */
const NARROWEST = 480;

/** Sequential, readable without colour vision and in print: lighter is emptier. */
const RAMP: readonly (readonly [number, number, number])[] = [
  [247, 247, 242],
  [253, 212, 158],
  [252, 141, 89],
  [215, 48, 31],
  [103, 0, 13],
];

/**
 * The uplinks of every leaf as a picture in SVG: a panel a routing, a map a plane, a row a leaf, a cell an uplink, its
 * colour bytes over rate relative to the fullest uplink of all panels. Bounded in size whatever the fabric's.
 */
export function uplinkHeatmap(
  fabric: Fabric,
  title: string,
  subtitle: string,
  panels: readonly HeatmapPanel[],
): string {
  const planes = uplinksByPlane(fabric);
  const columns = Math.max(1, ...planes.flat().map((uplinks) => uplinks.length));
  const leaves = Math.max(1, ...planes.map((p) => p.length));
  const share = Math.ceil((panels.length * planes.length * leaves * columns) / MOST_CELLS);
  const rows = Math.ceil(leaves / share);
  const fullest = fullestUplink(fabric, planes, panels);
  const panelHeight = rows * CELL + GAP + 18;
  const width = Math.max(NARROWEST, LEFT * 2 + planes.length * (columns * CELL + GAP) - GAP);
  const height = TOP + panels.length * panelHeight + 24;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="11">`,
    `<title>${escapeXml(title)}</title><rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="${LEFT}" y="18" font-size="13" font-weight="600" fill="#222222">${escapeXml(title)}</text>`,
    `<text x="${LEFT}" y="34" fill="#444444">${escapeXml(subtitle)}</text>`,
  ];
  panels.forEach((panel, i) => {
    const top = TOP + i * panelHeight;
    parts.push(`<text x="${LEFT}" y="${top}" fill="#444444">${escapeXml(panel.label)}</text>`);
    planes.forEach((uplinks, p) => {
      parts.push(
        ...planeCells(fabric, panel, uplinks, share, fullest, LEFT + p * (columns * CELL + GAP), top + 6),
      );
    });
  });
  parts.push(legend(LEFT, height - 14, fullest), '</svg>');
  return `${parts.join('\n')}\n`;
}

/** Live links up from each leaf, by plane and leaf in node order. */
function uplinksByPlane(fabric: Fabric): number[][][] {
  const planes: number[][][] = Array.from({ length: fabric.planes }, () => []);
  for (let n = fabric.endpoints; n < fabric.nodes; n++) {
    if (fabric.tier[n] !== 1) continue;
    const uplinks: number[] = [];
    for (let l = fabric.linkStart[n]!; l < fabric.linkStart[n + 1]!; l++) {
      if (fabric.linkDirection[l] === 1 && fabric.linkAlive[l] === 1) uplinks.push(l);
    }
    planes[fabric.plane[n]!]!.push(uplinks);
  }
  return planes;
}

function fullestUplink(fabric: Fabric, planes: number[][][], panels: readonly HeatmapPanel[]): number {
  let fullest = 0;
  for (const { load } of panels) {
    for (const uplinks of planes) {
      for (const links of uplinks) {
        for (const l of links) fullest = Math.max(fullest, load[l]! / fabric.linkRate[l]!);
      }
    }
  }
  return fullest;
}

function planeCells(
  fabric: Fabric,
  { load }: HeatmapPanel,
  uplinks: readonly (readonly number[])[],
  share: number,
  fullest: number,
  x: number,
  y: number,
): string[] {
  const parts: string[] = [];
  for (let first = 0; first < uplinks.length; first += share) {
    const together = uplinks.slice(first, first + share);
    const columns = Math.max(0, ...together.map((links) => links.length));
    for (let c = 0; c < columns; c++) {
      const hottest = Math.max(...together.map((links) => utilisation(fabric, load, links[c])));
      const fill = colour(fullest > 0 ? hottest / fullest : 0);
      parts.push(
        `<rect x="${x + c * CELL}" y="${y + (first / share) * CELL}" width="${CELL - 1}" height="${CELL - 1}" fill="${fill}"/>`,
      );
    }
  }
  return parts;
}

function utilisation(fabric: Fabric, load: Float64Array, link: number | undefined): number {
  return link === undefined ? 0 : load[link]! / fabric.linkRate[link]!;
}

function legend(x: number, y: number, fullest: number): string {
  const steps = 5;
  const boxes = Array.from(
    { length: steps },
    (_, i) => `<rect x="${x + i * 16}" y="${y}" width="16" height="8" fill="${colour(i / (steps - 1))}"/>`,
  );
  const text = `idle to ${Number(fullest.toPrecision(3))} s of bytes on the fullest uplink`;
  return `${boxes.join('')}<text x="${x + steps * 16 + 6}" y="${y + 8}" fill="#444444">${text}</text>`;
}

function colour(share: number): string {
  const at = Math.min(1, Math.max(0, share)) * (RAMP.length - 1);
  const i = Math.min(RAMP.length - 2, Math.floor(at));
  const mix = RAMP[i]!.map((c, k) => Math.round(c + (RAMP[i + 1]![k]! - c) * (at - i)));
  return `#${mix.map((c) => c.toString(16).padStart(2, '0')).join('')}`;
}
