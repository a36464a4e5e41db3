import type { Economy, Sensitivity } from '../../economy/types.ts';
import type { Plan } from '../../plan/types.ts';
import { DAILY, PARTS, POWER } from '../economy.ts';
import { formatQuantity } from '../terminal.ts';
import { left, quantity, right } from '../types.ts';
import { lines } from './lines.ts';
import { sankey } from './sankey.ts';
import { tornado } from './tornado.ts';
import type { Chart } from './types.ts';

export function economyCharts({ economy }: Plan): Chart[] {
  if (economy === undefined) return [];
  return [costChart(economy), powerChart(economy), ...tornadoChart(economy), ...buildChart(economy)];
}

/** Where a day's money goes: into kinds of cost, and what is bought by parts. */
function costChart({ operating, capital }: Economy): Chart {
  const title = 'Cost of a day';
  const bought = operating.parts.find((p) => p.id === 'amortisation')?.perDay ?? 0;
  const yearly = capital.parts.map((p) => ({ ...p, weight: p.usd / p.life }));
  const weights = yearly.reduce((sum, p) => sum + p.weight, 0);
  const parts = weights > 0 ? yearly.map((p) => ({ id: p.id, perDay: (bought * p.weight) / weights })) : [];
  const nodes = [
    { id: 'day', label: 'a day', column: 0 },
    ...operating.parts.map((p) => ({ id: p.id as string, label: DAILY[p.id], column: 1 })),
    ...parts.map((p) => ({ id: `part-${p.id}`, label: PARTS[p.id], column: 2 })),
  ];
  const flows = [
    ...operating.parts.map((p) => ({ from: 'day', to: p.id as string, value: p.perDay })),
    ...parts.map((p) => ({ from: 'amortisation', to: `part-${p.id}`, value: p.perDay })),
  ];
  const summary = `${title}: ${formatQuantity(quantity(operating.perDay.usd, 'money'))}`;
  return {
    id: 'economy-cost',
    title,
    summary,
    picture: sankey(summary, 'money', nodes, flows),
    table: {
      id: 'cost-chart',
      title,
      columns: [left('from'), left('to'), right('USD a day')],
      rows: flows.map((f) => [labelIn(nodes, f.from), labelIn(nodes, f.to), quantity(f.value, 'money')]),
      notes: [],
    },
  };
}

/** Power from the grid to what uses it. */
function powerChart({ energy }: Economy): Chart {
  const title = 'Power from the grid to the chip';
  const building = new Set(['cooling', 'distribution']);
  const nodes = [
    { id: 'site', label: 'grid', column: 0 },
    { id: 'machines', label: 'machines', column: 1 },
    ...energy.parts.map((p) => ({
      id: p.id as string,
      label: POWER[p.id],
      column: building.has(p.id) ? 1 : 2,
    })),
  ];
  const flows = [
    { from: 'site', to: 'machines', value: energy.machines },
    ...energy.parts.map((p) => ({
      from: building.has(p.id) ? 'site' : 'machines',
      to: p.id as string,
      value: p.watts,
    })),
  ];
  const summary = `${title}: ${formatQuantity(quantity(energy.site, 'power'))} at the grid`;
  return {
    id: 'economy-power',
    title,
    summary,
    picture: sankey(summary, 'power', nodes, flows),
    table: {
      id: 'power-chart',
      title,
      columns: [left('from'), left('to'), right('power')],
      rows: flows.map((f) => [labelIn(nodes, f.from), labelIn(nodes, f.to), quantity(f.value, 'power')]),
      notes: [],
    },
  };
}

function labelIn(nodes: readonly { id: string; label: string }[], id: string): string {
  return nodes.find((n) => n.id === id)!.label;
}

const MOST_BARS = 10;

function tornadoChart({ sensitivity, run, operating }: Economy): Chart[] {
  const wide = sensitivity.filter((s) => s.usdAtLow !== s.usdAtHigh).slice(0, MOST_BARS);
  if (wide.length === 0) return [];
  const what = run === undefined ? 'a day' : 'the run';
  const centre = run?.usd ?? operating.perDay.usd;
  const title = `What the cost of ${what} hangs on`;
  const summary = `${title}: ${wide[0]!.id} most`;
  const end = (value: number, { unit }: Sensitivity): string => `${Number(value.toPrecision(3))} ${unit}`;
  return [
    {
      id: 'economy-tornado',
      title,
      summary,
      picture: tornado(
        summary,
        'money',
        centre,
        wide.map((s) => ({
          label: s.id,
          low: s.usdAtLow,
          high: s.usdAtHigh,
          saysLow: end(s.low, s),
          saysHigh: end(s.high, s),
        })),
      ),
      table: {
        id: 'tornado-chart',
        title,
        columns: [
          left('price'),
          right('low'),
          right('high'),
          left('unit'),
          right('at low'),
          right('at high'),
        ],
        rows: sensitivity.map((s) => [
          s.id,
          quantity(s.low, 'plain'),
          quantity(s.high, 'plain'),
          s.unit,
          quantity(s.usdAtLow, 'money'),
          quantity(s.usdAtHigh, 'money'),
        ]),
        notes: ['Each price moved alone to either end of its range.'],
      },
    },
  ];
}

function buildChart({ buildOut }: Economy): Chart[] {
  if (buildOut.length < 2) return [];
  const title = 'Power at the grid as the cluster is built out';
  return [
    {
      id: 'economy-build-out',
      title,
      summary: title,
      picture: lines({
        summary: title,
        x: { title: 'GPUs', unit: 'count', scale: 'linear' },
        y: { title: 'power at the grid', unit: 'power', scale: 'linear' },
        series: [{ name: 'site', points: buildOut.map((s) => [s.gpus, s.site] as const) }],
      }),
      table: {
        id: 'build-out-chart',
        title,
        columns: [right('GPUs'), right('power'), right('USD a day')],
        rows: buildOut.map((s) => [
          quantity(s.gpus, 'count'),
          quantity(s.site, 'power'),
          quantity(s.perDay, 'money'),
        ]),
        notes: [],
      },
    },
  ];
}
