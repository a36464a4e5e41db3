import { expect, it } from 'vitest';
import { builtin } from '../../catalog/catalog.ts';
import { quietContext } from '../../plan/library.ts';
import { scale } from '../../scaling/scale.ts';
import { PRESETS } from '../../spec/presets.ts';
import { readSpec } from '../../spec/read.ts';
import { scalingCharts } from './scaling-charts.ts';
import { svgText } from './shape.ts';

it('draws both ways to more with every size that runs, the ceilings and the frontier', async () => {
  const catalog = builtin();
  const noFiles = { read: () => ({ ok: false as const, issues: [] }) };
  const spec = readSpec(PRESETS['small-32']!, 'spec', noFiles, catalog);
  if (!spec.ok) throw new Error('the preset is a spec');
  const request = { spec: { ...spec.value, expect: [] }, without: [] };
  const events: number[] = [];
  const context = {
    ...quietContext(catalog, 1),
    progress: ({ stage, fraction }: { stage: string; fraction: number | null }) => {
      if (stage === 'scale') events.push(fraction!);
    },
  };
  const found = await scale(request, context);
  if (!found.ok) throw new Error(found.issues.map((i) => i.message).join());
  const scaling = found.value;
  const charts = new Map(scalingCharts(scaling).map((c) => [c.id, c]));
  const ran = scaling.out.points.filter((p) => p.result !== undefined);
  const out = charts.get('scaling-chart')!;
  expect(out.table.rows.filter((r) => r[0] === 'more machines')).toHaveLength(ran.length);
  // Of proportion: speed over the factor, 1 at the base.
  for (const row of out.table.rows.filter((r) => r[0] === 'more machines')) {
    const [, gpus, speed, share] = row as [string, ...{ value: number }[]];
    expect(share!.value).toBeCloseTo((speed!.value * scaling.base.gpus) / gpus!.value, 6);
  }
  const ceilings = [scaling.out, ...scaling.up].filter((p) => p.ceiling !== null);
  expect(charts.get('scaling-paths-chart')!.table.rows.length).toBeLessThanOrEqual(ceilings.length);
  expect(svgText(charts.get('scaling-frontier-chart')!.picture)).toContain('latency forbids');
  for (const row of charts.get('scaling-parts-chart')!.table.rows) {
    const shares = row.slice(1).reduce((sum: number, c) => sum + (c as { value: number }).value, 0);
    expect(shares).toBeCloseTo(1, 2);
  }
  expect(events[0]).toBe(0);
  expect(events.at(-1)).toBeLessThan(1);
  expect([...events].sort((a, b) => a - b)).toEqual(events);
}, 60_000);
