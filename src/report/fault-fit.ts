import type { CauseFit, FaultFit } from '../risk/types.ts';
import { formatNumber, formatPercent, formatSeconds } from '../units/format.ts';
import { type Cell, left, quantity, right, type Section } from './types.ts';

const DAY = 86_400;
/** Lemon nodes that a page names. */
const SHOWN = 10;

/** `planewright risk fit`: what a log of faults says. */
export function faultFitSections(fit: FaultFit): Section[] {
  return [
    {
      id: 'fit',
      title: `${fit.faults} faults of ${fit.nodes} nodes in ${formatSeconds(fit.span)}`,
      ...causeColumns(),
      rows: [causeRow(fit.all), ...fit.levels.map(causeRow)],
      notes: [`${fit.failing} of ${fit.nodes} nodes failed at least once; intervals of 95 % confidence`],
    },
    {
      id: 'fit-components',
      title: 'By component',
      ...causeColumns(),
      rows: fit.components.map(causeRow),
      notes: [],
    },
    ...lifetimeSections(fit),
    lemonSection(fit),
  ];
}

function causeColumns(): Pick<Section, 'columns'> {
  return {
    columns: [
      left('cause'),
      right('faults'),
      right('share'),
      right('node-days between'),
      left('95 %'),
      right('repaired after'),
      right('median'),
    ],
  };
}

function causeRow(c: CauseFit): Cell[] {
  const [low, high] = c.mttfInterval;
  return [
    c.cause,
    quantity(c.faults, 'count'),
    quantity(c.share, 'percent'),
    formatNumber(c.mttf / DAY, 4),
    `${formatNumber(low / DAY)} to ${formatNumber(high / DAY)}`,
    c.repair === null ? null : quantity(c.repair.mean, 'seconds'),
    c.repair === null ? null : quantity(c.repair.median, 'seconds'),
  ];
}

function lifetimeSections({ lifetimes: l, arrivals: a }: FaultFit): Section[] {
  if (l === undefined || a === undefined) return [];
  const better = l.pValue < 0.05;
  const hazard =
    l.shape < 1 ? 'the longer it has run, the less likely a node fails' : 'the rate rises with time up';
  const rows: Cell[][] = [
    ['exponential, mean up between faults', `${formatNumber(l.mean / DAY, 4)} d`],
    ['Weibull shape', `${formatNumber(l.shape)} +- ${formatNumber(1.96 * l.shapeError, 2)}`],
    ['Weibull scale', `${formatNumber(l.scale / DAY, 4)} d`],
    ['likelihood ratio', `${formatNumber(l.likelihoodRatio)}, p = ${formatNumber(l.pValue)}`],
    [
      'all nodes together',
      `Kolmogorov-Smirnov ${formatNumber(a.distance)}: ${a.rejected ? 'not exponential' : 'exponential is not refuted'} at 5 %`,
    ],
  ];
  return [
    {
      id: 'fit-lifetimes',
      title: 'Times up between faults of a node',
      columns: [left(), left()],
      rows,
      notes: [better ? `Weibull fits better: ${hazard}` : 'the exponential is enough'],
    },
  ];
}

function lemonSection({ lemons, lemonShare }: FaultFit): Section {
  return {
    id: 'fit-lemons',
    title:
      lemons.length === 0
        ? 'No node fails too often'
        : `${lemons.length} lemon ${lemons.length === 1 ? 'node' : 'nodes'}`,
    columns: lemons.length === 0 ? [left()] : [left('node'), right('faults'), right('by chance')],
    rows: lemons
      .slice(0, SHOWN)
      .map((n): Cell[] => [n.node, quantity(n.faults, 'count'), formatPercent(n.chance)]),
    notes:
      lemons.length === 0
        ? []
        : [
            `together they cause ${formatPercent(lemonShare)} of all faults`,
            ...(lemons.length > SHOWN ? [`and ${lemons.length - SHOWN} more; --json names them`] : []),
          ],
  };
}
