import type { ComponentChild } from 'preact';
import { CHAPTERS, chapterOf } from '../../report/chapters.ts';
import { ChapterCharts } from '../parts/chart.tsx';
import { SectionTable } from '../parts/section.tsx';
import type { Drawn } from '../protocol.ts';
import { AdviceView } from './advice.tsx';
import { CompareView } from './compare.tsx';
import { Downloads } from './download.tsx';
import { FabricView } from './fabric.tsx';
import { HotView } from './hot.tsx';
import { ScalingView } from './scaling.tsx';
import { TrafficView } from './traffic.tsx';

/** A page of the app: what it shows, and whether this plan has it. */
export interface Page {
  readonly id: string;
  readonly title: string;
  readonly has: (drawn: Drawn) => boolean;
  readonly show: (drawn: Drawn) => ComponentChild;
}

const PLAN = ['plan', 'fabric'];

export const PAGES: readonly Page[] = [
  {
    id: 'plan',
    title: 'Plan',
    has: () => true,
    show: (drawn) => (
      <>
        <Reported drawn={drawn} chapters={PLAN} />
        <Downloads drawn={drawn} />
      </>
    ),
  },
  {
    id: 'fabric',
    title: 'Fabric',
    has: (drawn) => drawn.maps.length > 0,
    show: (drawn) => <FabricView drawn={drawn} />,
  },
  {
    id: 'hot',
    title: 'Hot paths',
    has: (drawn) => drawn.routings.length > 0,
    show: (drawn) => <HotView drawn={drawn} />,
  },
  {
    id: 'traffic',
    title: 'Traffic',
    has: (drawn) => drawn.operations.length > 0,
    show: (drawn) => <TrafficView drawn={drawn} />,
  },
  ...['step', 'risk', 'economy'].map((id) => ({
    id,
    title: CHAPTERS.find((c) => c.id === id)!.title,
    has: (drawn: Drawn) => drawn.sections.some((s) => chapterOf(s.id) === id),
    show: (drawn: Drawn) => <Reported drawn={drawn} chapters={[id]} />,
  })),
  {
    id: 'scaling',
    title: 'Scaling',
    has: (drawn) => drawn.operations.length > 0,
    show: () => <ScalingView />,
  },
  {
    id: 'advice',
    title: 'Advice',
    has: (drawn) => drawn.operations.length > 0,
    show: () => <AdviceView />,
  },
  {
    id: 'compare',
    title: 'Compare',
    // A log has nothing of its kind beside it.
    has: (drawn) => drawn.operations.length > 0 || drawn.routings.length > 0,
    show: () => <CompareView />,
  },
];

/** Charts and tables of the report, by chapter; the first has the charts. */
function Reported({ drawn, chapters }: { readonly drawn: Drawn; readonly chapters: readonly string[] }) {
  return (
    <>
      <ChapterCharts chapter={chapters[0]!} />
      {drawn.sections
        .filter((s) => chapters.includes(chapterOf(s.id)))
        .map((s) => (
          <SectionTable key={s.id} section={s} />
        ))}
    </>
  );
}
