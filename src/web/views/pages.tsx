import type { ComponentChild } from 'preact';
import { ChartFigure } from '../parts/chart.tsx';
import { SectionTable } from '../parts/section.tsx';
import type { Drawn } from '../protocol.ts';
import { CompareView } from './compare.tsx';
import { Downloads } from './download.tsx';
import { FabricView } from './fabric.tsx';
import { HotView } from './hot.tsx';
import { TrafficView } from './traffic.tsx';

/** A page of the app: what it shows, and whether this plan has it. */
export interface Page {
  readonly id: string;
  readonly title: string;
  readonly has: (drawn: Drawn) => boolean;
  readonly show: (drawn: Drawn) => ComponentChild;
}

/** Pages that are charts and tables of the report, by their ids. */
const REPORTED: readonly { readonly id: string; readonly title: string; readonly ids: readonly string[] }[] =
  [
    {
      id: 'economy',
      title: 'Economy',
      ids: ['cost', 'power', 'tornado', 'build-out', 'economy', 'capital', 'energy', 'sensitivity'],
    },
  ];

const claimed = new Set(
  REPORTED.flatMap((p) => p.ids).concat('scopes', 'curve', 'traffic', 'hot-links', 'hot-paths'),
);

export const PAGES: readonly Page[] = [
  {
    id: 'plan',
    title: 'Plan',
    has: () => true,
    show: (drawn) => (
      <>
        {reported(drawn, (id) => !claimed.has(id))}
        <Downloads drawn={drawn} />
      </>
    ),
  },
  { id: 'fabric', title: 'Fabric', has: () => true, show: (drawn) => <FabricView drawn={drawn} /> },
  { id: 'hot', title: 'Hot paths', has: () => true, show: (drawn) => <HotView drawn={drawn} /> },
  {
    id: 'traffic',
    title: 'Traffic',
    has: (drawn) => drawn.operations.length > 0,
    show: (drawn) => <TrafficView drawn={drawn} />,
  },
  ...REPORTED.map(({ id, title, ids }) => ({
    id,
    title,
    has: (drawn: Drawn) => drawn.sections.some((s) => ids.includes(s.id)),
    show: (drawn: Drawn) => reported(drawn, (section) => ids.includes(section)),
  })),
  {
    id: 'compare',
    title: 'Compare',
    has: (drawn) => drawn.operations.length > 0,
    show: () => <CompareView />,
  },
];

function reported({ charts, sections }: Drawn, wanted: (id: string) => boolean) {
  return (
    <>
      <div class="charts">
        {charts
          .filter((c) => wanted(c.id))
          .map((c) => (
            <ChartFigure key={c.id} chart={c} />
          ))}
      </div>
      {sections
        .filter((s) => wanted(s.id))
        .map((s) => (
          <SectionTable key={s.id} section={s} />
        ))}
    </>
  );
}
