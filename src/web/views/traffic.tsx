import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { DemandMatrix, MatrixLevel } from '../../report/matrix.ts';
import { formatQuantity } from '../../report/terminal.ts';
import { quantity } from '../../report/types.ts';
import { useAnswer } from '../parts/ask.ts';
import { ChapterCharts } from '../parts/chart.tsx';
import { Heat } from '../parts/heat.tsx';
import { SectionTable } from '../parts/section.tsx';
import type { Drawn } from '../protocol.ts';
import { download } from './download.tsx';

const LEVELS: readonly (readonly [MatrixLevel, string])[] = [
  ['leaf', 'leaves'],
  ['node', 'nodes'],
  ['rank', 'ranks'],
  ['plane', 'planes'],
];
const plural = (level: MatrixLevel): string => LEVELS.find(([id]) => id === level)![1];
const bytes = (x: number): string => formatQuantity(quantity(x, 'bytes'));

/** Who sends how much to whom, at the level that is asked for. */
export function TrafficView({ drawn }: { readonly drawn: Drawn }) {
  const level = useSignal<MatrixLevel>('leaf');
  const wanted = useSignal('step');
  const operation = drawn.operations.some((o) => o.id === wanted.value) ? wanted.value : 'step';
  const matrix = useAnswer('matrix', drawn.operations.length > 0 ? { level: level.value, operation } : null);
  const sections = drawn.sections.filter((s) => s.id === 'traffic');
  return (
    <>
      <div class="controls">
        <label>
          Between{' '}
          <select
            value={level.value}
            onChange={(event) => {
              level.value = event.currentTarget.value as MatrixLevel;
            }}
          >
            {LEVELS.map(([id, title]) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <label>
          Operation{' '}
          <select
            value={operation}
            onChange={(event) => {
              wanted.value = event.currentTarget.value;
            }}
          >
            {drawn.operations.map((o) => (
              <option key={o.id} value={o.id}>
                {o.title}
              </option>
            ))}
          </select>
        </label>
        <button type="button" class="quiet" onClick={() => void download(`traffic-${level.value}.csv`)}>
          CSV of the step
        </button>
      </div>
      {matrix === null ? <p class="note">Adding up the demand.</p> : <MatrixMap matrix={matrix} />}
      <ChapterCharts chapter="traffic" />
      {sections.map((s) => (
        <SectionTable key={s.id} section={s} />
      ))}
    </>
  );
}

function MatrixMap({ matrix }: { readonly matrix: DemandMatrix }) {
  const { size, names, groups, least, most, level, share } = matrix;
  const chosen = useSignal(-1);
  const tiles = useMemo(
    () => [
      {
        title: '',
        rows: size,
        columns: size,
        offset: 0,
        rowName: (r: number) => names[r]!,
        columnName: (c: number) => names[c]!,
        groups,
      },
    ],
    [matrix],
  );
  if (most === 0) return <p class="note">{`Nothing is sent between ${plural(level)}.`}</p>;
  const says = (cell: number): string => {
    const [from, to] = [names[Math.floor(cell / size)]!, names[cell % size]!];
    const more = share > 1 ? ` and ${share - 1} after it` : '';
    return `from ${from}${more} to ${to}${more}: ${bytes(matrix.bytes[cell]!)} a step`;
  };
  return (
    <section class="panel">
      <h2>{`Bytes of a step between ${plural(level)}, logarithmic`}</h2>
      <Heat
        name={`demand-${level}`}
        title={`Bytes of a step between ${plural(level)}; rows send, columns receive`}
        tiles={tiles}
        values={matrix.bytes}
        scale={{ low: least / 2, high: most, log: true }}
        legend={[bytes(least), bytes(most)]}
        chosen={chosen.value}
        says={says}
        onChoose={(cell) => {
          chosen.value = cell;
        }}
      />
    </section>
  );
}
