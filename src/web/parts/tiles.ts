import { rampOf, stepOf } from './ramp.ts';

/** A matrix to draw: a plane's leaves by spines, or a demand's senders by receivers. */
export interface Tile {
  readonly title: string;
  readonly rows: number;
  readonly columns: number;
  /** Of its first cell among all values. */
  readonly offset: number;
  readonly rowName: (row: number) => string;
  readonly columnName: (column: number) => string;
  /** Rows (and columns) before which a line separates groups. */
  readonly groups?: readonly number[];
}

export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
}

/** Where a tile is, in pixels of the unzoomed drawing. */
export interface Placed {
  readonly tile: Tile;
  readonly x: number;
  readonly y: number;
  /** Of a cell. */
  readonly size: number;
}

export interface View {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export const WHOLE: View = { scale: 1, x: 0, y: 0 };

const GAP = 12;
const TITLE = 16;
const TALLEST = 420;
const LARGEST_CELL = 22;
/** Many tiles grow the drawing rather than shrink below this. */
const LEAST_CELL = 2;
/** From this size on cells have borders, and rows and columns their names. */
const ROOMY = 11;

/** The most legible arrangement in a width: as many tiles side by side as leave the cells largest. O(tiles squared). */
export function layOut(tiles: readonly Tile[], width: number): { placed: Placed[]; height: number } {
  const rows = Math.max(...tiles.map((t) => t.rows), 1);
  const columns = Math.max(...tiles.map((t) => t.columns), 1);
  let best = { across: 1, size: 0 };
  for (let across = 1; across <= tiles.length; across++) {
    const lines = Math.ceil(tiles.length / across);
    const wide = (width - across * GAP) / (across * columns);
    const tall = (TALLEST - lines * (GAP + TITLE)) / (lines * rows);
    const size = Math.min(wide, Math.max(tall, LEAST_CELL), LARGEST_CELL);
    // Among equals the widest, which is the least tall.
    if (size >= best.size) best = { across, size };
  }
  // Whole pixels, but for small cells, of which half a pixel is a good part.
  const step = best.size < ROOMY ? 0.5 : 1;
  const size = best.size >= 2 ? Math.floor(best.size / step) * step : Math.max(0.25, best.size);
  // A line is as tall as the tallest of its own tiles: pods and groups of cores differ.
  const placed: Placed[] = [];
  let y = 0;
  for (let first = 0; first < tiles.length; first += best.across) {
    const line = tiles.slice(first, first + best.across);
    line.forEach((tile, i) => {
      placed.push({ tile, x: i * (columns * size + GAP), y: y + TITLE, size });
    });
    y += Math.max(...line.map((t) => t.rows)) * size + GAP + TITLE;
  }
  return { placed, height: y };
}

export interface Paint {
  readonly placed: readonly Placed[];
  readonly values: Float32Array | Float64Array;
  readonly scale: Scale;
  readonly view: View;
  readonly dark: boolean;
  readonly ink: string;
  /** Cell that is pointed at or chosen, -1 for none. */
  readonly marked: number;
}

/** Colours of all cells, tile by tile, one pixel a cell; made once for as long as the values stay. */
export class TileImages {
  readonly #images = new Map<Tile, OffscreenCanvas>();

  constructor(tiles: readonly Tile[], values: Float32Array | Float64Array, scale: Scale, dark: boolean) {
    const ramp = rampOf(dark);
    for (const tile of tiles) {
      const { rows, columns, offset } = tile;
      const canvas = new OffscreenCanvas(columns, rows);
      const context = canvas.getContext('2d')!;
      const image = context.createImageData(columns, rows);
      const pixels = new Uint32Array(image.data.buffer);
      for (let i = 0; i < pixels.length; i++) {
        const value = values[offset + i]!;
        pixels[i] = Number.isNaN(value) ? 0 : ramp[stepOf(value, scale.low, scale.high, scale.log)]!;
      }
      context.putImageData(image, 0, 0);
      this.#images.set(tile, canvas);
    }
  }

  of(tile: Tile): OffscreenCanvas {
    return this.#images.get(tile)!;
  }
}

/** One frame. Costs what is on the screen: an image a tile, and borders and names only where they can be read. */
export function paint(context: CanvasRenderingContext2D, images: TileImages, what: Paint): void {
  const { canvas } = context;
  const ratio = canvas.width / canvas.clientWidth || 1;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.imageSmoothingEnabled = false;
  context.font = '12px system-ui, sans-serif';
  const { view } = what;
  for (const { tile, x, y, size } of what.placed) {
    const left = x * view.scale + view.x;
    const top = y * view.scale + view.y;
    const cell = size * view.scale;
    if (left > canvas.clientWidth || top > canvas.clientHeight) continue;
    if (left + cell * tile.columns < 0 || top + cell * tile.rows < 0) continue;
    context.drawImage(images.of(tile), left, top, cell * tile.columns, cell * tile.rows);
    context.fillStyle = what.ink;
    context.fillText(tile.title, Math.max(left, 2), top - 4);
    decorate(context, tile, left, top, cell, what);
  }
}

function decorate(
  context: CanvasRenderingContext2D,
  tile: Tile,
  left: number,
  top: number,
  cell: number,
  { values, ink, dark, marked }: Paint,
): void {
  const { rows, columns, offset } = tile;
  context.strokeStyle = ink;
  context.lineWidth = 1;
  if (tile.groups !== undefined && tile.groups.length > 0) {
    context.globalAlpha = 0.45;
    context.beginPath();
    for (const g of tile.groups) {
      context.moveTo(left + g * cell, top);
      context.lineTo(left + g * cell, top + rows * cell);
      context.moveTo(left, top + g * cell);
      context.lineTo(left + columns * cell, top + g * cell);
    }
    context.stroke();
    context.globalAlpha = 1;
  }
  if (cell >= ROOMY) {
    const { clientWidth, clientHeight } = context.canvas;
    const firstRow = Math.max(0, Math.floor(-top / cell));
    const lastRow = Math.min(rows, Math.ceil((clientHeight - top) / cell));
    const firstColumn = Math.max(0, Math.floor(-left / cell));
    const lastColumn = Math.min(columns, Math.ceil((clientWidth - left) / cell));
    for (let r = firstRow; r < lastRow; r++) {
      for (let c = firstColumn; c < lastColumn; c++) {
        const value = values[offset + r * columns + c]!;
        if (Number.isNaN(value)) continue;
        context.strokeStyle = dark ? '#14171c' : '#ffffff';
        context.strokeRect(left + c * cell + 0.5, top + r * cell + 0.5, cell - 1, cell - 1);
        if (value < 0) cross(context, left + c * cell, top + r * cell, cell, ink);
      }
    }
  } else crossDead(context, tile, left, top, cell, values, ink);
  const at = marked - offset;
  if (marked >= 0 && at >= 0 && at < rows * columns) {
    context.strokeStyle = ink;
    context.lineWidth = 2;
    const x = left + (at % columns) * cell;
    const y = top + Math.floor(at / columns) * cell;
    context.strokeRect(x - 1, y - 1, Math.max(cell, 4) + 2, Math.max(cell, 4) + 2);
  }
}

/** What is cut or dead must be seen however small the cells are. */
function crossDead(
  context: CanvasRenderingContext2D,
  { rows, columns, offset }: Tile,
  left: number,
  top: number,
  cell: number,
  values: Paint['values'],
  ink: string,
): void {
  for (let i = 0; i < rows * columns; i++) {
    if (values[offset + i]! < 0)
      cross(context, left + (i % columns) * cell, top + Math.floor(i / columns) * cell, cell, ink);
  }
}

function cross(context: CanvasRenderingContext2D, x: number, y: number, cell: number, ink: string): void {
  context.strokeStyle = ink;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x + 1, y + 1);
  context.lineTo(x + cell - 1, y + cell - 1);
  context.moveTo(x + cell - 1, y + 1);
  context.lineTo(x + 1, y + cell - 1);
  context.stroke();
}

/** The cell under a point of the canvas, -1 for none. */
export function cellAt(placed: readonly Placed[], view: View, px: number, py: number): number {
  for (const { tile, x, y, size } of placed) {
    const column = Math.floor((px - view.x - x * view.scale) / (size * view.scale));
    const row = Math.floor((py - view.y - y * view.scale) / (size * view.scale));
    if (row < 0 || column < 0 || row >= tile.rows || column >= tile.columns) continue;
    return tile.offset + row * tile.columns + column;
  }
  return -1;
}

/** The tile, row and column of a cell. */
export function findCell(placed: readonly Placed[], cell: number) {
  const found = placed.find(
    ({ tile }) => cell >= tile.offset && cell < tile.offset + tile.rows * tile.columns,
  );
  if (found === undefined || cell < 0) return null;
  const at = cell - found.tile.offset;
  return { ...found, row: Math.floor(at / found.tile.columns), column: at % found.tile.columns };
}
