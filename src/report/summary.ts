import type { Plan } from '../plan/types.ts';
import { formatCount, formatMoney, formatPercent, formatPower, formatSeconds } from '../units/format.ts';
import { left, type Section } from './types.ts';

const DAY = 86_400;

/** The plan in a few lines: what is read when nothing else is. */
export function summarySection(plan: Plan): Section {
  const rows = [network(plan), jams(plan), step(plan), run(plan), breaks(plan), costs(plan), burns(plan)];
  return {
    id: 'summary',
    title: 'In short',
    columns: [left(), left()],
    rows: rows.filter((row) => row !== null),
    notes: [],
  };
}

type Line = [string, string] | null;

function network({ fabric }: Plan): Line {
  const { planes, layers, switches, endpoints, cables } = fabric;
  const shape = planes === 1 ? `one plane of ${layers} layers` : `${planes} planes of ${layers} layers`;
  return [
    'network',
    `${shape}: ${formatCount(switches)} switches, ${formatCount(cables)} cables, ${formatCount(endpoints)} NIC ports`,
  ];
}

function jams({ routing, checks }: Plan): Line {
  if (routing === undefined || checks === undefined) return null;
  const { noJam } = checks;
  const ratio = `${routing.ratioToWhole.toFixed(3)} of what no table can beat`;
  if (noJam.holds) return ['jams', `none; the busiest switch link carries ${ratio}`];
  if (noJam.jammedLinks === 0)
    return ['jams', `no link, but p99 slowdown is ${noJam.p99Slowdown.toFixed(2)}`];
  return ['jams', `${formatCount(noJam.jammedLinks)} switch links; the busiest carries ${ratio}`];
}

function step({ step: s }: Plan): Line {
  if (s === undefined) return null;
  const misfit = s.memory.fits ? '' : '; it does not fit in memory';
  return [
    'a step',
    `${formatSeconds(s.seconds)}, MFU ${formatPercent(s.mfu)}; ${largestLoss(s.breakdown)}${misfit}`,
  ];
}

/** What of a step is no work of kernels, largest first. */
function largestLoss(b: NonNullable<Plan['step']>['breakdown']): string {
  const losses: [string, number][] = [
    ...Object.entries(b.exposed).map(([name, s]): [string, number] => [
      `exposed communication of ${name} ranks`,
      s,
    ]),
    ['pipeline bubble', b.bubble],
    ['optimizer', b.optimizer],
    ['recomputation', b.recompute],
    ['data-parallel tail', b.dataTail],
  ];
  const total = losses.reduce((sum, [, s]) => sum + s, b.forward + b.backward + b.weightGradient);
  const [name, seconds] = losses.sort((x, y) => y[1] - x[1])[0]!;
  return seconds > 0 ? `largest loss: ${name}, ${formatPercent(seconds / total)}` : 'nothing but kernels';
}

function run({ step: s, risk, spec }: Plan): Line {
  if (s === undefined) return null;
  const days = risk?.days ?? s.runSeconds / DAY;
  const failures = risk === undefined ? '' : `, failures included (ETTR ${formatPercent(risk.ettr)})`;
  return [
    'the run',
    `${formatCount(spec.training.tokens)} tokens in ${formatSeconds(days * DAY)}${failures}`,
  ];
}

function breaks({ risk }: Plan): Line {
  if (risk === undefined) return null;
  const silent = `a silent corruption every ${formatSeconds(DAY / risk.sdcPerDay)}`;
  return ['it breaks', `every ${formatSeconds(risk.mttf)}; ${silent}`];
}

function costs({ economy }: Plan): Line {
  if (economy?.run === undefined) return null;
  const { run: r, mode } = economy;
  const million = formatMoney(r.perToken * MILLION);
  return [
    'it costs',
    `${formatMoney(r.usd)} (${mode}), ${million} a million tokens; ${formatPercent(r.failureShare)} of it for failures`,
  ];
}

const MILLION = 1_000_000;

function burns({ economy }: Plan): Line {
  if (economy === undefined) return null;
  return ['it draws', `${formatPower(economy.energy.site)} at the grid`];
}
