import type { EventKind, Inspection, LogEvent, SeriesName } from '../inspect/types.ts';
import { formatPercent, formatSeconds } from '../units/format.ts';
import { type Cell, left, quantity, right, type Section } from './types.ts';

const SERIES: Readonly<Record<SeriesName, string>> = {
  loss: 'loss',
  gradNorm: 'gradient norm',
  speed: 'step time',
  steps: 'steps',
};
const KINDS: Readonly<Record<EventKind, string>> = {
  spike: 'spike',
  nan: 'not finite',
  divergence: 'divergence',
  drift: 'slow drift',
  stall: 'stall',
  slowdown: 'slowdown',
  straggler: 'straggler',
  restart: 'restart',
};

/** What a log holds, what happened in it and how much of its time was training. */
export function inspectSections(inspection: Inspection): Section[] {
  return [logSection(inspection), eventSection(inspection.events), ...ettrSection(inspection)];
}

function logSection({ log, series }: Inspection): Section {
  const rows: Cell[][] = [
    ['format', log.format],
    ['steps', `${log.firstStep} to ${log.lastStep}${log.stride > 1 ? `, every ${log.stride}` : ''}`],
    ...(log.spanSeconds === null ? [] : [['time', formatSeconds(log.spanSeconds)]]),
    ...series.map((s): Cell[] => {
      const inverse = s.name === 'speed' && log.speedFrom === 'throughput';
      const value = (x: number) => plain(inverse ? 1 / x : x);
      return [
        inverse ? 'throughput' : SERIES[s.name],
        `${s.points} points, ${value(s.first)} at first, ${value(s.last)} at last`,
      ];
    }),
  ];
  return { id: 'log', title: 'Read', columns: [left(), left()], rows, notes: [] };
}

function eventSection(events: readonly LogEvent[]): Section {
  if (events.length === 0) {
    return { id: 'events', title: 'Nothing out of the ordinary', columns: [], rows: [], notes: [] };
  }
  return {
    id: 'events',
    title: `Found: ${events.length}`,
    columns: [
      right('step'),
      right('to'),
      right('line'),
      left('what'),
      left('of'),
      right('size'),
      right('confidence'),
      left('likely causes'),
    ],
    rows: events.map((e) => [
      String(e.step),
      String(e.endStep),
      String(e.line),
      KINDS[e.kind],
      e.rank === undefined ? SERIES[e.series] : `rank ${e.rank}`,
      sizeOf(e),
      e.confidence.toFixed(2),
      e.causes.join('; '),
    ]),
    notes: [
      'Confidence says how far beyond its threshold an event is (0.5 at it), causes what to look at first.',
    ],
  };
}

function sizeOf(e: LogEvent): string {
  if (e.measure === 'seconds') return `+${formatSeconds(e.size)}`;
  if (e.measure === 'steps') return `${e.size} steps`;
  return e.size < 2 ? `+${formatPercent(e.size - 1)}` : `x ${plain(e.size)}`;
}

function ettrSection({ ettr }: Inspection): Section[] {
  if (ettr === null) return [];
  const share = (label: string, seconds: number): Cell[] => [
    label,
    quantity(seconds, 'seconds'),
    formatPercent(seconds / ettr.totalSeconds),
  ];
  return [
    {
      id: 'ettr',
      title: `Effective training time ${ettr.ettr.toFixed(3)}`,
      columns: [left(), right(), right()],
      rows: [
        share('steps that were kept', ettr.productiveSeconds),
        share('steps that were done again', ettr.repeatedSeconds),
        share('waiting: stalls and downtime', ettr.waitingSeconds),
      ],
      notes:
        ettr.basis === 'wall clock'
          ? []
          : ['The log has no times of day: downtime between steps is not in this.'],
    },
  ];
}

const plain = (x: number): string => String(Number(x.toPrecision(4)));
