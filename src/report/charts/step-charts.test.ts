import { describe, expect, it } from 'vitest';
import { builtin } from '../../catalog/catalog.ts';
import { evaluate } from '../../plan/evaluate.ts';
import { quietContext } from '../../plan/library.ts';
import { PRESETS } from '../../spec/presets.ts';
import { readSpec } from '../../spec/read.ts';
import { planCharts } from './plan-charts.ts';

type Value = { readonly value: number };

async function chartsOf(preset: string) {
  const catalog = builtin();
  const noFiles = { read: () => ({ ok: false as const, issues: [] }) };
  const spec = readSpec(PRESETS[preset]!, 'spec', noFiles, catalog);
  if (!spec.ok) throw new Error('the preset is a spec');
  const found = await evaluate({ spec: spec.value, without: [] }, quietContext(catalog, 1));
  if (!found.ok) throw new Error('the preset has a plan');
  const charts = planCharts(found.value, spec.value, catalog);
  return { plan: found.value.plan, chart: (id: string) => charts.find((c) => c.id === id) };
}

describe('the charts of a step', () => {
  it('show the passes of the simulated schedule at their times, from the first to the last', async () => {
    const { plan, chart } = await chartsOf('deepseek-v3');
    const { optimizer, dataTail } = plan.step!.breakdown;
    const rows = chart('step-drain')!.table.rows as readonly (readonly [
      Value,
      string,
      Value | null,
      Value,
      Value,
      Value,
    ])[];
    const end = Math.max(...rows.map((r) => r[4].value + r[5].value));
    expect(end).toBeCloseTo(plan.step!.seconds - optimizer - dataTail, 6);
    expect(chart('step-pipeline')!.table.rows.some((r) => (r[4] as Value).value === 0)).toBe(true);
    // A rank does one thing at a time.
    for (let i = 1; i < rows.length; i++) {
      if (rows[i]![0].value !== rows[i - 1]![0].value) continue;
      expect(rows[i]![4].value).toBeGreaterThanOrEqual(rows[i - 1]![4].value + rows[i - 1]![5].value - 1e-9);
    }
  });

  it('lead from the peak by way of the roofline and the MFU to the goodput and its price', async () => {
    const { plan, chart } = await chartsOf('deepseek-v3');
    const rows = chart('step-waterfall')!.table.rows as readonly (readonly [string, Value, string | null])[];
    const at = (label: string): number => rows.find((r) => r[0] === label)![1].value;
    const [mfu, goodput] = [plan.step!.mfu, plan.step!.mfu * plan.risk!.ettr];
    expect(at('MFU')).toBeCloseTo(mfu, 9);
    expect(at('goodput')).toBeCloseTo(goodput, 9);
    const between = (from: string, to: string): number => {
      const names = rows.map((r) => r[0]);
      return rows.slice(names.indexOf(from) + 1, names.indexOf(to)).reduce((sum, r) => sum + r[1].value, 0);
    };
    expect(at('peak (BF16, dense)') + between('peak (BF16, dense)', 'roofline')).toBeCloseTo(
      at('roofline'),
      9,
    );
    expect(at('roofline') + between('roofline', 'MFU')).toBeCloseTo(mfu, 6);
    expect(rows.find((r) => r[0] === 'goodput')![2]).toMatch(/USD/);
  });
});

it('the eras stand beside their sources, with this cluster on each that it is part of', async () => {
  const { plan, chart } = await chartsOf('small-32');
  const rows = chart('economy-eras-energy')!.table.rows;
  const here = rows.find((r) => r[0] === 'this cluster')!;
  expect((here[2] as Value).value).toBeCloseTo((plan.economy!.energy.site * 8760) / 1e12, 9);
  expect(rows.filter((r) => r[0] === 'the chart')).toHaveLength(3);
  expect(chart('economy-eras-data-centres')!.table.rows.some((r) => r[0] === 'this cluster')).toBe(false);
});
