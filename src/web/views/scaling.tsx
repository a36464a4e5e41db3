import { ChartFigure } from '../parts/chart.tsx';
import { Long, LongView } from '../parts/long.tsx';
import { SectionTable } from '../parts/section.tsx';

const scaling = new Long('scale');

/** One machine made better against more of them, on request: it plans the job at some twenty sizes and machines. */
export function ScalingView() {
  const found = scaling.answer.value;
  return (
    <LongView
      long={scaling}
      title="Scale up or out"
      about="Plans the job on more machines, and on better ones: some twenty plans, half a minute for large clusters. The page goes on meanwhile."
    >
      {found !== null && (
        <>
          <div class="charts">
            {found.charts.map((c) => (
              <ChartFigure key={c.id} chart={c} />
            ))}
          </div>
          {found.sections.map((s) => (
            <SectionTable key={s.id} section={s} />
          ))}
        </>
      )}
    </LongView>
  );
}
