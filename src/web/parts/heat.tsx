import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { saveCanvas } from '../save.ts';
import { dark } from '../theme.ts';
import {
  cellAt,
  findCell,
  layOut,
  paint,
  type Scale,
  type Tile,
  TileImages,
  type View,
  WHOLE,
} from './tiles.ts';

interface Props {
  readonly name: string;
  readonly title: string;
  readonly tiles: readonly Tile[];
  readonly values: Float32Array | Float64Array;
  readonly scale: Scale;
  /** What the ends of the scale say. */
  readonly legend: readonly [string, string];
  readonly chosen: number;
  /** What a cell says when it is pointed at. */
  readonly says: (cell: number) => string;
  readonly onChoose: (cell: number) => void;
  readonly onPoint?: (cell: number) => void;
}

const ZOOM = 1.3;
const FURTHEST = 40;

/** Matrices as heat maps on a canvas: point at a cell, choose it, zoom with the wheel or + and -, drag to move. */
export function Heat(props: Props) {
  const { tiles, values, scale, chosen } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useSignal(800);
  const view = useSignal<View>(WHOLE);
  const pointed = useSignal(-1);
  const drag = useRef<{ x: number; y: number; moved: boolean } | null>(null);
  const { placed, height } = useMemo(() => layOut(tiles, width.value), [tiles, width.value]);
  const images = useMemo(
    () => new TileImages(tiles, values, scale, dark.value),
    [tiles, values, scale.low, scale.high, dark.value],
  );
  const marked = pointed.value >= 0 ? pointed.value : chosen;

  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined && entry.contentRect.width > 0)
        width.value = Math.floor(entry.contentRect.width);
    });
    observer.observe(canvas.current!.parentElement!);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    view.value = WHOLE;
  }, [tiles]);

  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      const element = canvas.current;
      if (element === null) return;
      const ratio = devicePixelRatio || 1;
      element.width = width.value * ratio;
      element.height = height * ratio;
      const ink = getComputedStyle(element).color;
      const began = performance.now();
      const what = { placed, values, scale, view: view.value, dark: dark.value, ink, marked };
      paint(element.getContext('2d')!, images, what);
      performance.measure('heat-frame', { start: began, end: performance.now() });
    });
    return () => cancelAnimationFrame(frame);
  }, [placed, images, view.value, marked, height, width.value]);

  const zoom = (by: number, x = width.value / 2, y = height / 2): void => {
    const { scale: now, x: left, y: top } = view.value;
    const next = Math.max(1, Math.min(FURTHEST, now * by));
    const ratio = next / now;
    view.value = next === 1 ? WHOLE : { scale: next, x: x - (x - left) * ratio, y: y - (y - top) * ratio };
  };
  const point = (cell: number): void => {
    if (cell === pointed.value) return;
    pointed.value = cell;
    props.onPoint?.(cell);
  };
  const onPointerMove = (event: PointerEvent): void => {
    const from = drag.current;
    if (from !== null) {
      const [dx, dy] = [event.offsetX - from.x, event.offsetY - from.y];
      if (!from.moved && Math.abs(dx) + Math.abs(dy) < 4) return;
      drag.current = { x: event.offsetX, y: event.offsetY, moved: true };
      if (view.value.scale > 1) view.value = { ...view.value, x: view.value.x + dx, y: view.value.y + dy };
      return;
    }
    const cell = cellAt(placed, view.value, event.offsetX, event.offsetY);
    point(cell >= 0 && !Number.isNaN(values[cell]!) ? cell : -1);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === '+' || event.key === '=') zoom(ZOOM);
    else if (event.key === '-') zoom(1 / ZOOM);
    else if (event.key === '0') view.value = WHOLE;
    else if (event.key === 'Escape') point(-1);
    else if (event.key === 'Enter' || event.key === ' ') props.onChoose(marked);
    else if (event.key in ARROWS) point(step(placed, marked, ARROWS[event.key]!));
    else return;
    event.preventDefault();
  };
  return (
    <div class="heat" data-heat={props.name}>
      <div class="heat-head">
        <Legend legend={props.legend} />
        <button type="button" class="quiet" aria-label={`Zoom in, ${props.title}`} onClick={() => zoom(ZOOM)}>
          +
        </button>
        <button
          type="button"
          class="quiet"
          aria-label={`Zoom out, ${props.title}`}
          onClick={() => zoom(1 / ZOOM)}
        >
          −
        </button>
        <button
          type="button"
          class="quiet"
          aria-label={`PNG of ${props.title}`}
          onClick={() => void saveCanvas(props.name, canvas.current!)}
        >
          PNG
        </button>
      </div>
      <div
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the map is worked with arrow keys
        tabIndex={0}
        aria-roledescription="heat map"
        aria-label={`${props.title}. Arrow keys move from cell to cell, Enter chooses, plus and minus zoom.`}
        onKeyDown={onKeyDown}
      >
        <canvas
          ref={canvas}
          style={{ height: `${height}px` }}
          onPointerMove={onPointerMove}
          onPointerLeave={() => point(-1)}
          onPointerDown={(event) => {
            drag.current = { x: event.offsetX, y: event.offsetY, moved: false };
          }}
          onPointerUp={() => {
            const moved = drag.current?.moved ?? false;
            drag.current = null;
            if (!moved && pointed.value >= 0) props.onChoose(pointed.value);
          }}
          onWheel={(event) => {
            event.preventDefault();
            zoom(event.deltaY < 0 ? ZOOM : 1 / ZOOM, event.offsetX, event.offsetY);
          }}
          onDblClick={() => {
            view.value = WHOLE;
          }}
        />
      </div>
      <p class="says" aria-live="polite">
        {marked >= 0
          ? props.says(marked)
          : 'Point at a cell: it says what it carries. Choose it to see who uses it.'}
      </p>
    </div>
  );
}

const ARROWS: Readonly<Record<string, readonly [row: number, column: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** The next cell in a direction, over the edge into the neighbouring tile. */
function step(
  placed: ReturnType<typeof layOut>['placed'],
  cell: number,
  [dr, dc]: readonly [number, number],
): number {
  const at = findCell(placed, cell);
  if (at === null) return placed[0]?.tile.offset ?? -1;
  const { tile, row, column } = at;
  const [r, c] = [row + dr, column + dc];
  if (r >= 0 && c >= 0 && r < tile.rows && c < tile.columns) return tile.offset + r * tile.columns + c;
  const next = placed[placed.findIndex((p) => p.tile === tile) + (dr + dc)]?.tile;
  return next === undefined ? cell : next.offset;
}

function Legend({ legend: [low, high] }: { readonly legend: readonly [string, string] }) {
  return (
    <span class="ramp">
      {low} <span class={dark.value ? 'ramp-bar dark' : 'ramp-bar'} /> {high}
    </span>
  );
}
