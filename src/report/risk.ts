import type { Plan } from '../plan/types.ts';
import type { Risk } from '../risk/types.ts';
import { formatNumber, formatPercent, formatSeconds } from '../units/format.ts';
import { type Cell, left, quantity, right, type Section } from './types.ts';

const DAY = 86_400;

/** What a plan says of failures; `planewright risk` says the rest. */
export function riskSections({ risk }: Plan): Section[] {
  return risk === undefined ? [] : [summarySection(risk), timeSection(risk)];
}

/** Everything that is known of the failures of one job, without those of its fabric. */
export function fullRiskSections(risk: Risk): Section[] {
  return [
    summarySection(risk),
    timeSection(risk),
    componentSection(risk),
    sizeSection(risk),
    minuteSection(risk),
    ...silentSections(risk),
    chainSection(risk),
  ];
}

function summarySection(risk: Risk): Section {
  const { failures, checkpoint, simulation } = risk;
  const { young, daly, exact } = checkpoint.intervals;
  const { spares } = risk;
  const run =
    risk.days === null
      ? 'never ends'
      : simulation === undefined
        ? quantity(risk.days * DAY, 'seconds')
        : `${formatSeconds(risk.days * DAY)} (5 to 95 %: ${days(simulation.days.p5)} to ${days(simulation.days.p95)})`;
  const rows: Cell[][] = [
    ['mean time between failures', quantity(risk.mttf, 'seconds')],
    ['failures a day', formatNumber(failures.perDay)],
    ['a day without any', quantity(failures.surviveDay, 'percent')],
    [`checkpoint, ${checkpoint.kind}`, quantity(checkpoint.bytes, 'bytes')],
    ['written in', quantity(checkpoint.writeSeconds, 'seconds')],
    ['the job stands still for', quantity(checkpoint.stallSeconds, 'seconds')],
    [checkpoint.given ? 'every (given)' : 'every (best)', quantity(risk.checkpointInterval, 'seconds')],
    ['effective training time', quantity(risk.ettr, 'percent')],
    ['the whole run', run],
    [`spares for ${formatPercent(spares.quantile)} of the time`, quantity(spares.needed, 'count')],
    ['silent corruptions a day', formatNumber(risk.sdcPerDay)],
  ];
  return {
    id: 'risk',
    title: `Breaks: failure rates of ${failures.fleet.name}`,
    columns: [left(), right()],
    rows,
    notes: [
      `best interval: Young ${formatSeconds(young)}, Daly ${formatSeconds(daly)}, exact ${formatSeconds(exact)}`,
      ...methodNotes(risk),
    ],
  };
}

const days = (x: number): string => `${formatNumber(x)} d`;

function methodNotes({ method, closedForm, simulation }: Risk): string[] {
  const load = `N r (u0 + dt/2) = ${closedForm.load.toPrecision(3)}`;
  const form =
    closedForm.form === 'first-order'
      ? `first-order form, ${load} is below ${closedForm.limit}`
      : `exact renewal form, ${load} is above ${closedForm.limit}, where the first order no longer holds`;
  const notes = method === 'monte-carlo' ? ['effective training time by simulation'] : [form];
  if (simulation === undefined) return [...notes, 'no run gets anywhere, none was simulated'];
  const { runs, ettr, standardError } = simulation;
  const closed = formatPercent(closedForm.value, 4);
  return [
    ...notes,
    `${runs} simulated runs: ${formatPercent(ettr, 4)} +- ${formatPercent(standardError, 2)}; closed form: ${closed}`,
    ...(simulation.unfinished > 0 ? [`${simulation.unfinished} runs were cut off before they ended`] : []),
  ];
}

function timeSection({ simulation }: Risk): Section {
  const shares = simulation?.shares;
  const rows: Cell[][] =
    shares === undefined
      ? []
      : (
          [
            ['useful', shares.useful],
            ['computed again', shares.lost],
            ['standing still for checkpoints', shares.stalls],
            ['slow nodes', shares.slow],
            ['not yet noticed', shares.detection],
            ['restarting', shares.restart],
            ['waiting for machines', shares.waiting],
            ['planned stops', shares.maintenance],
          ] as const
        )
          .filter(([, share]) => share > 0)
          .map(([what, share]) => [what, quantity(share, 'percent')]);
  return {
    id: 'risk-time',
    title: 'Where the time goes',
    columns: [left(), right()],
    rows,
    notes: [],
  };
}

function componentSection({ failures, spares }: Risk): Section {
  return {
    id: 'risk-components',
    title: 'Failures by component',
    columns: [left('component'), right('a day'), right('share'), right('mean time between')],
    rows: failures.components.map((c): Cell[] => [
      c.component,
      formatNumber(c.perDay),
      quantity(c.share, 'percent'),
      quantity(DAY / c.perDay, 'seconds'),
    ]),
    notes: [
      `from ${failures.fleet.source}`,
      `a node is back after ${formatSeconds(spares.repair)}, ${formatNumber(spares.underRepair)} are under repair on ` +
        `average, ${spares.kept} spares are kept`,
    ],
  };
}

function sizeSection({ failures }: Risk): Section {
  return {
    id: 'risk-sizes',
    title: 'The rate grows with the size, a day without failure fades exponentially',
    columns: [
      left('GPUs'),
      right('failures a day'),
      right('mean time between'),
      right('a day without'),
      left('published'),
    ],
    rows: failures.sizes.map((s): Cell[] => [
      quantity(s.gpus, 'count'),
      formatNumber(s.perDay),
      quantity(s.mttf, 'seconds'),
      quantity(s.surviveDay, 'percent'),
      s.published.map((p) => `${formatSeconds(p.mttf)} (${p.what})`).join(', '),
    ]),
    notes: [
      `other fleets at this size: ${failures.fleets.map((f) => `${f.fleet} ${formatSeconds(f.mttf)}`).join(', ')}`,
      'published figures contradict each other: jobs of 8 and 1,024 GPUs were measured to fail three times as often as ' +
        'the rate behind the projections says',
    ],
  };
}

function minuteSection({ minutes }: Risk): Section {
  const titles = {
    detection: 'noticing',
    restart: 'restarting',
    queue: 'waiting',
    write: 'writing a checkpoint',
  };
  return {
    id: 'risk-minutes',
    title: 'What one more minute costs the run',
    columns: [left('a minute more of'), right('effective time'), right('the run'), right('GPU hours')],
    rows: minutes.map((m): Cell[] => [
      titles[m.what],
      quantity(m.ettr, 'percent'),
      m.seconds === null ? 'never ends' : quantity(m.seconds, 'seconds'),
      m.gpuHours === null ? null : quantity(m.gpuHours, 'count'),
    ]),
    notes: ['at the same interval; by the exact form'],
  };
}

function silentSections({ silent }: Risk): Section[] {
  const { verification: v } = silent;
  const rows: Cell[][] = [
    ['one in', days(silent.daysBetween)],
    ...silent.sources.map((s): Cell[] => [`by the rate of ${s.source}`, `one in ${days(1 / s.perDay)}`]),
    ...silent.faultyDevice.map((f): Cell[] => [
      `a faulty device in the job, by ${f.source}`,
      quantity(f.probability, 'percent'),
    ]),
    ['noticed by what is on', quantity(silent.recall, 'percent')],
    ['after', quantity(silent.delay, 'seconds')],
    ['a noticed one costs', quantity(silent.rollback, 'seconds')],
    ['of all time', quantity(silent.lostShare, 'percent')],
    ['what is on costs', quantity(silent.overhead, 'percent')],
    ['unnoticed a day', formatNumber(silent.undetectedPerDay)],
    ['verified checkpoints best every', quantity(v.interval, 'seconds')],
    ['which cost', quantity(v.overhead, 'percent')],
  ];
  return [
    { id: 'risk-silent', title: 'Silent data corruption', columns: [left(), right()], rows, notes: [] },
    {
      id: 'risk-detectors',
      title: 'What would notice it',
      columns: [
        left('detector'),
        left('on'),
        right('recall'),
        left('range'),
        right('after'),
        right('overhead'),
        right('missed a day'),
      ],
      rows: silent.detectors.map((d): Cell[] => [
        d.name,
        d.on ? 'yes' : '',
        quantity(d.recall, 'percent'),
        `${formatPercent(d.recallRange[0])} to ${formatPercent(d.recallRange[1])}`,
        quantity(d.delay, 'seconds'),
        quantity(d.overhead, 'percent'),
        formatNumber(d.missedPerDay),
      ]),
      notes: [
        'recalls are of the field, with the range that sources give; no source counts what nobody noticed',
      ],
    },
  ];
}

function chainSection({ stress: s }: Risk): Section {
  const rows: Cell[][] = [
    ...s.factors.map((f): Cell[] => [`${f.what} raises hardware faults`, `x ${f.factor.toPrecision(4)}`]),
    ['failures a day by power drops', formatNumber(s.powerDropFailuresPerDay)],
    ['hardware faults a day', formatNumber(s.hardwareFaultsPerDay)],
    ['of them silent', quantity(s.silentShare, 'percent')],
    ['silent a day', formatNumber(s.silentPerDay)],
    ['of the unnoticed, diverging', quantity(s.divergingShare, 'percent')],
    ['divergences a year', formatNumber(s.divergingPerDay * 365)],
  ];
  return {
    id: 'risk-chain',
    title: 'From stress to fault to divergence',
    columns: [left(), right()],
    rows,
    notes: [
      ...(s.factors.length === 0 ? ['no stress beyond that of the fleet is assumed'] : []),
      ...s.factors.map((f) => `${f.what}: ${f.source}`),
      ...(s.powerDropFailuresPerDay > 0 ? [`power drops: ${s.sources.powerDrops}`] : []),
      `silent: ${s.sources.silent}`,
      `diverging: ${s.sources.diverging}`,
    ],
  };
}
