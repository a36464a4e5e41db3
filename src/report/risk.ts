import type { Plan } from '../plan/types.ts';
import type { Risk } from '../risk/types.ts';
import { formatNumber, formatSeconds } from '../units/format.ts';
import { type Cell, left, quantity, right, type Section } from './types.ts';

/** What a plan says of failures: how often, what they cost, by component, and beside published figures. */
export function riskSections({ risk }: Plan): Section[] {
  return risk === undefined ? [] : [summarySection(risk), componentSection(risk), sizeSection(risk)];
}

export function summarySection(risk: Risk): Section {
  const { failures, checkpoint, closedForm } = risk;
  const { young, daly, exact } = checkpoint.intervals;
  const intervals = [
    `Young ${formatSeconds(young)}`,
    `Daly ${formatSeconds(daly)}`,
    `exact ${formatSeconds(exact)}`,
  ];
  const rows: Cell[][] = [
    ['mean time between failures', quantity(risk.mttf, 'seconds')],
    ['failures a day', formatNumber(failures.perDay)],
    ['a day without any', quantity(failures.surviveDay, 'percent')],
    ['checkpoint', quantity(checkpoint.bytes, 'bytes')],
    ['written in', quantity(checkpoint.writeSeconds, 'seconds')],
    ['the job stands still for', quantity(checkpoint.stallSeconds, 'seconds')],
    [checkpoint.given ? 'every (given)' : 'every (best)', quantity(risk.checkpointInterval, 'seconds')],
    ['effective training time', quantity(risk.ettr, 'percent')],
    ['the whole run', risk.days === null ? 'never ends' : quantity(risk.days * 86_400, 'seconds')],
    ['silent corruptions a day', formatNumber(risk.sdcPerDay)],
  ];
  return {
    id: 'risk',
    title: `Breaks: failure rates of ${failures.fleet.name}`,
    columns: [left(), right()],
    rows,
    notes: [
      `best interval by ${intervals.join(', ')}`,
      closedForm.form === 'first-order'
        ? `first-order form: N r (u0 + dt/2) = ${closedForm.load.toPrecision(3)} is below ${closedForm.limit}`
        : `exact renewal form: N r (u0 + dt/2) = ${closedForm.load.toPrecision(3)}, and the first-order form holds only below ${closedForm.limit}`,
    ],
  };
}

function componentSection({ failures }: Risk): Section {
  return {
    id: 'risk-components',
    title: 'Failures by component',
    columns: [left('component'), right('a day'), right('share'), right('mean time between')],
    rows: failures.components.map((c): Cell[] => [
      c.component,
      formatNumber(c.perDay),
      quantity(c.share, 'percent'),
      quantity(86_400 / c.perDay, 'seconds'),
    ]),
    notes: [`from ${failures.fleet.source}`],
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
