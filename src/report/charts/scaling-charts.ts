import { effectiveRate } from '../../scaling/ceiling.ts';
import { throughputOf } from '../../scaling/scalability.ts';
import type { ScalePath, ScalePoint, Scaling } from '../../scaling/types.ts';
import { formatCount, formatFlop, formatMoney, formatPercent } from '../../units/format.ts';
import { left, quantity, right, type Section } from '../types.ts';
import { bars } from './bars.ts';
import { lines } from './lines.ts';
import type { Chart } from './types.ts';

/** Scale-up against scale-out as pictures: the two together, each path with its ceiling, what speed costs, where it ends. */
export function scalingCharts(scaling: Scaling): Chart[] {
  return [
    outChart(scaling),
    pathsChart(scaling),
    ...partsChart(scaling),
    ...priceChart(scaling),
    frontierChart(scaling),
  ];
}

const ran = (path: ScalePath): ScalePoint[] => path.points.filter((p) => p.result !== undefined);
const NAMES: Readonly<Record<ScalePath['id'], string>> = {
  out: 'more machines',
  gpu: 'a better GPU',
  domain: 'a larger NVLink domain',
  memory: 'faster memory',
  kernels: 'better kernels',
};

/** Speed over that of the base, failures included. */
function speedIn({ base }: Scaling): (point: ScalePoint) => number {
  return ({ result }) => base.result!.runSeconds / result!.runSeconds;
}

interface Mark {
  readonly x: number;
  readonly y: number;
  readonly label: string;
}

/** Ceilings of several paths at one point share a dot, by what binds. */
function together(ceilings: readonly (Mark & { readonly cause: string })[]): Mark[] {
  const found = new Map<string, Mark>();
  for (const { x, y, label, cause } of ceilings) {
    const key = `${x} ${y} ${cause}`;
    const known = found.get(key);
    found.set(key, { x, y, label: known === undefined ? `${cause}: ${label}` : `${known.label}, ${label}` });
  }
  return [...found.values()];
}

/** More machines, with what better ones reach as levels: where a level meets the curve, as many machines do the same. */
function outChart(scaling: Scaling): Chart {
  const { out, up, base, scalability, frontier, crossover } = scaling;
  const speed = speedIn(scaling);
  const sizes = ran(out);
  const [first, last] = [sizes[0]!.gpus, sizes.at(-1)!.gpus];
  const fitted = (n: number): number => throughputOf(scalability!, n) / effectiveRate(base.result!);
  // The fit is shown a little beyond what was planned, and as far as the frontier if that is near.
  const furthest = 2 * Math.max(last, Math.min(frontier.gpus ?? 0, 4 * last));
  const beyond: number[] = [];
  for (let n = base.gpus; n < furthest; n *= 2) beyond.push(n);
  const best = up.flatMap((path) => {
    const point = ran(path).reduce((a, b) => (speed(b) > speed(a) ? b : a));
    return point.factor === 1
      ? []
      : [{ value: speed(point), label: `${nameOf(point)}: ${times(speed(point))}` }];
  });
  const at = (gpus: number): number | undefined => {
    const point = sizes.find((p) => p.gpus === gpus);
    return point === undefined ? undefined : speed(point);
  };
  const marks: Mark[] = [{ x: base.gpus, y: 1, label: 'this job' }];
  const ceiling = out.ceiling;
  if (ceiling?.reached && at(ceiling.gpus) !== undefined)
    marks.push({ x: ceiling.gpus, y: at(ceiling.gpus)!, label: `ceiling: ${ceiling.cause}` });
  if (crossover !== null && at(crossover.gpus) !== undefined)
    marks.push({
      x: crossover.gpus,
      y: at(crossover.gpus)!,
      label: 'crossover with a better GPU',
    });
  if (scalability !== null && frontier.gpus !== null && frontier.gpus <= furthest)
    marks.push({ x: frontier.gpus, y: fitted(frontier.gpus), label: 'last doubling that pays (fit)' });
  const title = 'Speed by the number of GPUs, and what better machines do with as many as now';
  const ceilingText =
    ceiling === null
      ? ''
      : `; ${ceiling.reached ? 'ceiling' : 'no ceiling up to'} ${formatCount(ceiling.gpus)} GPUs (${ceiling.cause})`;
  const summary = `${title}${ceilingText}`;
  return {
    id: 'scaling-chart',
    title,
    summary,
    picture: lines({
      summary,
      x: { title: 'GPUs', unit: 'count', scale: 'log' },
      y: { title: 'speed over this job, failures included', unit: 'plain', scale: 'log' },
      series: [
        { name: 'more machines, as planned', points: sizes.map((p) => [p.gpus, speed(p)] as const) },
        {
          name: 'in proportion',
          points: [first, last].map((n) => [n, n / base.gpus] as const),
          dashed: true,
        },
        ...(scalability === null
          ? []
          : [
              {
                name: 'universal scalability, fitted',
                points: [...beyond, furthest].map((n) => [n, fitted(n)] as const),
                dashed: true,
              },
            ]),
      ],
      levels: best,
      marks,
    }),
    table: {
      id: 'scaling-chart',
      title,
      columns: [left('way'), right('GPUs'), right('speed'), right('of proportion')],
      rows: [out, ...up].flatMap((path) =>
        ran(path).map((p) => [
          path.id === 'out' ? NAMES.out : p.label,
          quantity(p.gpus, 'count'),
          quantity(speed(p), 'ratio'),
          quantity(speed(p) / p.factor, 'percent'),
        ]),
      ),
      notes: [],
    },
  };
}

/** Without what stands in its server beside it. */
const nameOf = ({ label }: ScalePoint): string => label.split(',')[0]!;
const times = (x: number): string => `${Number(x.toPrecision(3))} x`;

/** Every path over what grows on it, so that out and up share one axis; ceilings with what binds there. */
function pathsChart(scaling: Scaling): Chart {
  const speed = speedIn(scaling);
  const paths = [scaling.out, ...scaling.up].map((path) => ({
    ...path,
    points: ran(path).filter((p) => p.factor >= 1),
  }));
  const shown = paths.filter((p) => p.points.length > 1);
  const most = Math.max(...shown.flatMap((p) => p.points.map((q) => q.factor)), 2);
  const marks = shown.flatMap(({ id, points, ceiling }) => {
    const point = points.find((p) => p.factor === ceiling?.factor);
    if (!ceiling?.reached || point === undefined) return [];
    return [{ x: point.factor, y: speed(point), label: NAMES[id], cause: ceiling.cause }];
  });
  const title = 'Up against out: speed by how much of it there is, with the ceilings';
  const summary = `${title}: ${shown.map((p) => `${NAMES[p.id]} ${p.ceiling?.reached ? `to ${times(p.ceiling.factor)}, ${p.ceiling.cause}` : 'without a ceiling here'}`).join('; ')}`;
  return {
    id: 'scaling-paths-chart',
    title,
    summary,
    picture: lines({
      summary,
      x: {
        title: 'times as much: machines, GPU peak, domain, memory rate, kernel efficiency',
        unit: 'plain',
        scale: 'log',
      },
      y: { title: 'speed over this job', unit: 'plain', scale: 'log' },
      series: [
        ...shown.map(({ id, points }) => ({
          name: NAMES[id],
          points: points.map((p) => [p.factor, speed(p)] as const),
        })),
        { name: 'in proportion', points: [[1, 1] as const, [most, most] as const], dashed: true },
      ],
      marks: together(marks),
    }),
    table: ceilingTable(shown, title),
  };
}

function ceilingTable(paths: readonly ScalePath[], title: string): Section {
  return {
    id: 'scaling-ceilings',
    title,
    columns: [
      left('path'),
      left('ceiling'),
      right('GPUs'),
      right('factor'),
      right('a doubling gains'),
      left('cause'),
      left('why'),
    ],
    rows: paths.flatMap(({ id, ceiling }) =>
      ceiling === null
        ? []
        : [
            [
              NAMES[id],
              ceiling.reached ? 'reached' : 'not up to here',
              quantity(ceiling.gpus, 'count'),
              quantity(ceiling.factor, 'plain'),
              ceiling.doubling === null ? null : quantity(ceiling.doubling, 'ratio'),
              ceiling.cause,
              ceiling.why,
            ],
          ],
    ),
    notes: ['A ceiling is where a doubling begins to gain less than half as much again.'],
  };
}

/** What a step is made of at each size: what grows is what binds. */
function partsChart({ out }: Scaling): Chart[] {
  const sizes = ran(out);
  const series = [...new Set(sizes.flatMap((p) => Object.keys(p.result!.parts)))].filter((part) =>
    sizes.some((p) => (p.result!.parts[part] ?? 0) > 0),
  );
  if (series.length === 0) return [];
  const share = (p: ScalePoint, part: string): number => (p.result!.parts[part] ?? 0) / p.result!.stepSeconds;
  const title = 'What a step is made of at each size';
  const largest = sizes.at(-1)!;
  const summary = `${title}: ${formatPercent(share(largest, 'compute'))} compute at ${formatCount(largest.gpus)} GPUs`;
  return [
    {
      id: 'scaling-parts-chart',
      title,
      summary,
      picture: bars({
        summary,
        unit: 'percent',
        series,
        rows: sizes.map((p) => ({
          label: `${formatCount(p.gpus)} GPUs`,
          values: series.map((part) => share(p, part)),
          says: '',
        })),
      }),
      table: {
        id: 'scaling-parts',
        title,
        columns: [right('GPUs'), ...series.map((s) => right(s))],
        rows: sizes.map((p) => [
          quantity(p.gpus, 'count'),
          ...series.map((s) => quantity(share(p, s), 'percent')),
        ]),
        notes: [],
      },
    },
  ];
}

const MILLION = 1_000_000;

/** Price of tokens by speed; what another choice beats in both is off the frontier. */
function priceChart(scaling: Scaling): Chart[] {
  const speed = speedIn(scaling);
  const priced = [scaling.out, ...scaling.up.filter((p) => p.id === 'gpu')].map((path) => ({
    ...path,
    points: ran(path).filter((p) => p.result!.usdPerToken !== null),
  }));
  const all = priced.flatMap((path) =>
    path.points.map((p) => ({
      path: path.id,
      label: path.id === 'out' ? `${formatCount(p.gpus)} GPUs` : p.label,
      speed: speed(p),
      usd: p.result!.usdPerToken! * MILLION,
    })),
  );
  if (all.length < 2) return [];
  const unbeaten = all.filter((a) => !all.some((b) => b.speed >= a.speed && b.usd <= a.usd && b !== a));
  const frontier = [...unbeaten].sort((a, b) => a.speed - b.speed);
  const title = 'What speed costs: a million tokens by speed';
  const cheapest = all.reduce((a, b) => (b.usd < a.usd ? b : a));
  const summary = `${title}; cheapest ${cheapest.label}, ${formatMoney(cheapest.usd)}`;
  const curve = (id: string) => all.filter((p) => p.path === id).sort((a, b) => a.speed - b.speed);
  return [
    {
      id: 'scaling-price-chart',
      title,
      summary,
      picture: lines({
        summary,
        x: { title: 'speed over this job', unit: 'plain', scale: 'log' },
        y: { title: 'USD a million tokens', unit: 'money', scale: 'linear' },
        series: [
          {
            name: 'frontier: nothing is faster and cheaper',
            points: frontier.map((p) => [p.speed, p.usd] as const),
            apart: true,
          },
          { name: NAMES.out, points: curve('out').map((p) => [p.speed, p.usd] as const) },
          {
            name: `${NAMES.gpu}, as many as now`,
            points: curve('gpu').map((p) => [p.speed, p.usd] as const),
          },
        ],
      }),
      table: {
        id: 'scaling-price',
        title,
        columns: [left(), right('speed'), right('a million tokens'), left('frontier')],
        rows: all.map((p) => [
          p.label,
          quantity(p.speed, 'ratio'),
          quantity(p.usd, 'money'),
          unbeaten.includes(p) ? 'nothing is faster and cheaper' : '',
        ]),
        notes: [],
      },
    },
  ];
}

/** How much each size computes in the time of the reach, against where moving data is said to end it. */
function frontierChart({ out, frontier, reachDays }: Scaling): Chart {
  const sizes = ran(out);
  const title = `Compute of ${Math.round(reachDays)} days by size, and where data movement ends it`;
  const summary = `${title}: this run ${formatFlop(frontier.jobFlops)}; published limits ${formatFlop(frontier.publishedUtilisation)} and ${formatFlop(frontier.publishedLatency)}`;
  return {
    id: 'scaling-frontier-chart',
    title,
    summary,
    picture: lines({
      summary,
      x: { title: 'GPUs', unit: 'count', scale: 'log' },
      y: { title: 'training compute, FLOP', unit: 'plain', scale: 'log' },
      series: [{ name: 'compute', points: sizes.map((p) => [p.gpus, p.result!.reach.flops] as const) }],
      levels: [
        { value: frontier.jobFlops, label: 'this run' },
        { value: frontier.publishedUtilisation, label: 'published: data movement costs utilisation' },
        { value: frontier.publishedLatency, label: 'published: latency forbids more' },
      ],
    }),
    table: {
      id: 'scaling-frontier',
      title,
      columns: [
        right('GPUs'),
        right('compute'),
        right('best parameters'),
        right('best tokens'),
        right('loss'),
      ],
      rows: sizes.map((p) => {
        const { flops, parameters, tokens, loss } = p.result!.reach;
        return [
          quantity(p.gpus, 'count'),
          quantity(flops, 'flop'),
          quantity(parameters.value, 'count'),
          quantity(tokens.value, 'count'),
          quantity(loss.value, 'plain'),
        ];
      }),
      notes: [],
    },
  };
}
