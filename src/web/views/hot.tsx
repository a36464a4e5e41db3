import { useSignal } from '@preact/signals';
import { useAnswer, useCharts } from '../parts/ask.ts';
import { ChartFigure } from '../parts/chart.tsx';
import { SectionTable } from '../parts/section.tsx';
import type { Drawn } from '../protocol.ts';
import { focus } from '../selection.ts';
import { look } from '../state.ts';

const TOP = 20;

/** The hottest links with cause and cure, each tied to its place on the map; and how far pins get. */
export function HotView({ drawn }: { readonly drawn: Drawn }) {
  const { routings } = drawn;
  const wanted = useSignal(routings.some((r) => r.id === 'modulo') ? 'modulo' : (routings[0]?.id ?? ''));
  const routing = routings.some((r) => r.id === wanted.value) ? wanted.value : routings[0]?.id;
  const hot = useAnswer('hot', routing === undefined ? null : { routing, top: TOP });
  const charts = useCharts('hot');
  const paths = drawn.sections.filter((s) => s.id === 'hot-paths' || s.id === 'operations');
  return (
    <>
      <div class="controls">
        <label>
          Routing{' '}
          <select
            value={routing}
            onChange={(event) => {
              wanted.value = event.currentTarget.value;
            }}
          >
            {routings.map((r) => (
              <option key={r.id} value={r.id}>
                {r.title}
              </option>
            ))}
          </select>
        </label>
      </div>
      {hot === null ? (
        <p class="note">Finding the hottest links.</p>
      ) : (
        <SectionTable
          section={hot.section}
          rowTitle="Show on the map"
          onRow={(row) => {
            focus.cell.value = hot.cells[row] ?? -1;
            focus.up.value = hot.up[row] ?? true;
            focus.routing.value = routing ?? '';
            look('fabric');
          }}
        />
      )}
      {charts?.map((c) => (
        <ChartFigure key={c.id} chart={c} />
      ))}
      {charts?.length === 0 && drawn.operations.length > 0 && (
        <p class="note">
          No curve of pinned paths: no pin relieves the busiest link, or this transport and routing have none.
        </p>
      )}
      {paths.map((s) => (
        <SectionTable key={s.id} section={s} />
      ))}
    </>
  );
}
