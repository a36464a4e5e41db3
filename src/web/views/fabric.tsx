import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { shorten } from '../../report/charts/kit.ts';
import type { CellLoads } from '../../report/map.ts';
import { formatQuantity } from '../../report/terminal.ts';
import { quantity } from '../../report/types.ts';
import { useAnswer, useRest } from '../parts/ask.ts';
import { ChartFigure } from '../parts/chart.tsx';
import { Heat } from '../parts/heat.tsx';
import { SectionTable } from '../parts/section.tsx';
import type { Tile } from '../parts/tiles.ts';
import type { Drawn } from '../protocol.ts';
import { focus } from '../selection.ts';
import { edition, takeOut } from '../state.ts';

const measured = ({ unit }: CellLoads, x: number): string =>
  unit === 'seconds' ? formatQuantity(quantity(x, unit)) : `${formatQuantity(quantity(x, unit))} pairs`;

/** The network as heat maps before and after routing, and who uses the cable that is chosen. */
export function FabricView({ drawn }: { readonly drawn: Drawn }) {
  const { routings } = drawn;
  const before = useSignal(routings[0]?.id ?? '');
  const up = focus.up.value;
  const after = routings.at(-1);
  const tiles = useMemo(() => tilesOf(drawn), [drawn.maps, drawn.names]);
  const cell = focus.cell.value;
  if (after === undefined || drawn.maps.length === 0)
    return <p class="note">There is no link between switches to look at.</p>;
  const first = routings.some((r) => r.id === before.value) ? before.value : routings[0]!.id;
  return (
    <div class="split">
      <div>
        <div class="controls">
          <label>
            Before{' '}
            <select
              value={first}
              onChange={(event) => {
                before.value = event.currentTarget.value;
              }}
            >
              {routings.slice(0, -1).map((r) => (
                <option key={r.id} value={r.id}>
                  {r.title}
                </option>
              ))}
            </select>
          </label>
          <fieldset class="choice">
            <legend>Direction</legend>
            {[true, false].map((way) => (
              <label key={String(way)}>
                <input
                  type="radio"
                  name="direction"
                  checked={up === way}
                  onChange={() => {
                    focus.up.value = way;
                  }}
                />{' '}
                {way ? 'towards the top' : 'towards the leaves'}
              </label>
            ))}
          </fieldset>
        </div>
        <Panels drawn={drawn} tiles={tiles} before={first} after={after.id} up={up} />
      </div>
      <Selection drawn={drawn} cell={cell} up={up} />
    </div>
  );
}

/** Rows are the lower switches, columns the upper ones. */
function tilesOf({ maps, names, endpoints }: Drawn): Tile[] {
  return maps.map(({ title, rows, columns, offset }) => ({
    title,
    rows: rows.length,
    columns: columns.length,
    offset,
    rowName: (r) => names[rows[r]! - endpoints]!,
    columnName: (c) => names[columns[c]! - endpoints]!,
  }));
}

interface PanelsProps {
  readonly drawn: Drawn;
  readonly tiles: readonly Tile[];
  readonly before: string;
  readonly after: string;
  readonly up: boolean;
}

/** Milliseconds that the pointer rests on a cell before its users are looked up. */
const REST = 120;

/** Both panels share one scale, so that colours can be compared. */
function Panels({ drawn, tiles, before, after, up }: PanelsProps) {
  const left = useAnswer('loads', { routing: before });
  const right = useAnswer('loads', { routing: after });
  const table = useSignal(false);
  const pointed = useSignal({ cell: -1, routing: '' });
  const rests = useRest(pointed.value, REST);
  const users = useAnswer('users', rests.cell < 0 ? null : { ...rests, up });
  if (left === null || right === null) return <p class="note">Measuring the links.</p>;
  const high = Math.max(left.fullest, right.fullest);
  const scale = { low: 0, high, log: false };
  const titleOf = (id: string): string => drawn.routings.find((r) => r.id === id)!.title;
  return (
    <>
      {[
        { id: before, loads: left, role: 'Before' },
        { id: after, loads: right, role: 'After' },
      ].map(({ id, loads, role }) => (
        <section key={role} class="panel">
          <h2>{`${role}: ${titleOf(id)}, busiest link ${measured(loads, loads.fullest)}`}</h2>
          <Heat
            name={`uplinks-${id}`}
            title={`Links between switches under ${titleOf(id)}`}
            tiles={tiles}
            values={up ? loads.up : loads.down}
            scale={scale}
            legend={['idle', measured(loads, high)]}
            chosen={focus.cell.value}
            says={(cell) => {
              const known = users !== null && rests.cell === cell && rests.routing === id;
              return `${says(tiles, cell, loads, up)}${known ? `; ${users}` : ''}`;
            }}
            onPoint={(cell) => {
              pointed.value = { cell, routing: id };
            }}
            onChoose={(cell) => {
              focus.cell.value = cell;
              focus.routing.value = id;
            }}
          />
        </section>
      ))}
      <button
        type="button"
        class="quiet"
        aria-pressed={table.value}
        onClick={() => {
          table.value = !table.value;
        }}
      >
        Table of the cells
      </button>
      {table.value && <Cells routing={focus.routing.value || after} />}
    </>
  );
}

function Cells({ routing }: { readonly routing: string }) {
  const section = useAnswer('cells', { routing });
  return section === null ? <p class="note">Listing the cells.</p> : <SectionTable section={section} />;
}

function says(tiles: readonly Tile[], cell: number, loads: CellLoads, up: boolean): string {
  const value = (up ? loads.up : loads.down)[cell]!;
  const tile = tiles.find((t) => cell >= t.offset && cell < t.offset + t.rows * t.columns);
  if (tile === undefined) return '';
  const at = cell - tile.offset;
  const ends = [tile.rowName(Math.floor(at / tile.columns)), tile.columnName(at % tile.columns)];
  const name = (up ? ends : ends.reverse()).join(' to ');
  return value < 0
    ? `${name}: out of service`
    : `${name}: ${loads.unit === 'seconds' ? `busy for ${measured(loads, value)} of a step` : measured(loads, value)}`;
}

interface SelectionProps {
  readonly drawn: Drawn;
  readonly cell: number;
  readonly up: boolean;
}

function Selection({ drawn, cell, up }: SelectionProps) {
  const routing = drawn.routings.some((r) => r.id === focus.routing.value)
    ? focus.routing.value
    : drawn.routings.at(-1)!.id;
  const found = useAnswer('select', cell < 0 ? null : { cell, up, routing });
  const pair = useSignal<readonly [number, number] | null>(null);
  const trace = useAnswer(
    'trace',
    pair.value === null ? null : { src: pair.value[0], dst: pair.value[1], routing },
  );
  useEffect(() => {
    pair.value = null;
  }, [cell, up, routing, edition.value]);
  if (cell < 0)
    return (
      <aside class="side" aria-label="Chosen link">
        <p class="note">Choose a cell: its flows, the operations behind them, and what happens without it.</p>
      </aside>
    );
  const title = drawn.routings.find((r) => r.id === routing)!.title;
  return (
    <aside class="side" aria-label="Chosen link">
      <p class="note">{`Under ${title}`}</p>
      <TakeOut drawn={drawn} cell={cell} />
      {found === null ? (
        <p class="note">Following the flows.</p>
      ) : (
        <>
          <SectionTable section={found.facts} />
          <ChartFigure chart={found.ways} />
          <SectionTable section={found.operations} />
          <SectionTable
            section={found.flows}
            rowTitle="Trace its way"
            onRow={(row) => {
              pair.value = found.pairs[row] ?? null;
            }}
          />
        </>
      )}
      {trace !== null && <ChartFigure chart={trace} />}
    </aside>
  );
}

/** Of a name on a button. */
const LONGEST = 48;

/** What can be taken out of service here. */
function TakeOut({ drawn, cell }: { readonly drawn: Drawn; readonly cell: number }) {
  const map = drawn.maps.find((m) => cell >= m.offset && cell < m.offset + m.rows.length * m.columns.length);
  if (map === undefined) return null;
  const at = cell - map.offset;
  const name = (node: number): string => drawn.names[node - drawn.endpoints]!;
  const lower = name(map.rows[Math.floor(at / map.columns.length)]!);
  const upper = name(map.columns[at % map.columns.length]!);
  const [low, high] = map.tier === 1 ? ['leaf', 'spine'] : ['spine', 'core'];
  const parts: [string, string][] = [
    [`link:${lower}-${upper}`, 'this link'],
    [`${low}:${lower}`, `${low} ${lower}`],
    [`${high}:${upper}`, `${high} ${upper}`],
  ];
  if (new Set(drawn.maps.map((m) => m.plane)).size > 1)
    parts.push([`plane:${map.plane}`, `plane ${map.plane}`]);
  return (
    <p class="take-out">
      Take out:{' '}
      {parts.map(([part, title]) => (
        <button type="button" key={part} title={part} onClick={() => takeOut(part)}>
          {shorten(title, LONGEST)}
        </button>
      ))}
    </p>
  );
}
