import { useSignal } from '@preact/signals';
import { type ComponentChild, h } from 'preact';
import type { Shape } from '../../report/charts/shape.ts';
import type { Chart } from '../../report/charts/types.ts';
import { saveCsv, savePng, saveSvg } from '../save.ts';
import { useCharts } from './ask.ts';
import { SectionTable } from './section.tsx';

/** A picture's elements as elements of the page: text stays text, whatever it says. */
export function draw({ tag, attributes, children }: Shape): ComponentChild {
  const inner = children.map((c) => (typeof c === 'string' ? c : draw(c)));
  return h(tag, attributes as Record<string, string | number>, ...inner);
}

/** A chart with its table behind it and its files. */
export function ChartFigure({ chart }: { readonly chart: Chart }) {
  const table = useSignal(false);
  const { id, title, summary, picture } = chart;
  const button = (text: string, label: string, onClick: () => void) => (
    <button type="button" class="quiet" aria-label={`${label} of ${title}`} onClick={onClick}>
      {text}
    </button>
  );
  return (
    <figure class="chart" data-chart={id}>
      <div class="section-head">
        <h2>{title}</h2>
        <button
          type="button"
          class="quiet"
          aria-pressed={table.value}
          aria-label={`Table of ${title}`}
          onClick={() => {
            table.value = !table.value;
          }}
        >
          Table
        </button>
        {button('SVG', 'SVG', () => saveSvg(id, picture))}
        {button('PNG', 'PNG', () => void savePng(id, picture))}
        {button('CSV', 'CSV', () => saveCsv(chart.table))}
      </div>
      {table.value ? (
        <SectionTable section={chart.table} />
      ) : (
        // On a narrow screen it scrolls within itself, by keyboard too.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable
        <section class="picture" tabIndex={0} aria-label={`Picture of ${title}`}>
          {draw(picture)}
        </section>
      )}
      <figcaption>{summary}</figcaption>
    </figure>
  );
}

/** Every chart of a chapter of the plan. */
export function ChapterCharts({ chapter }: { readonly chapter: string }) {
  const charts = useCharts(chapter);
  if (charts === null)
    return (
      <p class="note" data-charts="waiting">
        Drawing the charts.
      </p>
    );
  return (
    <div class="charts" data-charts={chapter}>
      {charts.map((c) => (
        <ChartFigure key={c.id} chart={c} />
      ))}
    </div>
  );
}
