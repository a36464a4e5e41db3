import type { KernelCheck, KernelTables } from '../calibrate/types.ts';
import type { Gpu } from '../catalog/types.ts';
import { formatPercent } from '../units/format.ts';
import { type Cell, left, quantity, right, type Section } from './types.ts';

/** `planewright calibrate`: what kernels reach by size, and how near the roofline with these tables is to each kind. */
export function kernelSections(tables: KernelTables, checks: readonly KernelCheck[], gpu: Gpu): Section[] {
  return [
    {
      id: 'kernels',
      title: `What kernels reach of the peaks of ${gpu.name}`,
      columns: [left('kernels'), left('by'), left('share of the peak at each size')],
      rows: [
        ['products, BF16', 'FLOPs', drawn(tables.gemm.bf16)],
        ...(tables.gemm.fp8 ? [['products, FP8', 'FLOPs', drawn(tables.gemm.fp8)]] : []),
        ['attention, forward', 'FLOPs', drawn(tables.attention.forward)],
        ['attention, backward', 'FLOPs', drawn(tables.attention.backward)],
        ['copies', 'bytes', drawn(tables.memory)],
      ],
      notes: [`${(tables.launch * MICROSECONDS).toFixed(1)} us between two kernels`],
    },
    {
      id: 'kernel-errors',
      title: 'The roofline with these tables beside each measurement',
      columns: [
        left('kernels'),
        right('measured'),
        right('median error'),
        right('90 % below'),
        right('mean'),
      ],
      rows: checks.map((c): Cell[] => [
        c.kind,
        quantity(c.rows, 'count'),
        formatPercent(c.median),
        formatPercent(c.p90),
        `${c.bias < 0 ? '' : '+'}${formatPercent(c.bias)}`,
      ]),
      notes: ['layers have no part in the tables: they show what kernels alone predict'],
    },
  ];
}

// literal: microseconds a second
const MICROSECONDS = 1e6;

function drawn(table: readonly (readonly [number, number])[]): string {
  return table
    .map(([size, factor]) => `${size.toExponential(1).replace(/\.0|\+/gu, '')}: ${factor}`)
    .join('  ');
}

/** The entry as `catalog/efficiency.yaml` has it; a folder with it is given with --catalog. */
export function efficiencyYaml(
  tables: KernelTables,
  id: string,
  name: string,
  source: string,
  date: string,
): string {
  const table = (t: readonly (readonly [number, number])[]): string =>
    `[${t.map(([size, factor]) => `[${size.toExponential(1)}, ${factor}]`).join(', ')}]`;
  const { gemm, attention, memory, scale, launch } = tables;
  return [
    `- id: ${id}`,
    `  name: ${JSON.stringify(name)}`,
    '  gemm:',
    `    bf16: ${table(gemm.bf16)}`,
    ...(gemm.fp8 ? [`    fp8: ${table(gemm.fp8)}`] : []),
    '  attention:',
    `    forward: ${table(attention.forward)}`,
    `    backward: ${table(attention.backward)}`,
    `  memory: ${table(memory)}`,
    `  scale: {gemm: ${scale.gemm}, attention: ${scale.attention}, memory: ${scale.memory}}`,
    `  launch: ${(launch * MICROSECONDS).toFixed(2)} us`,
    `  source: ${JSON.stringify(source)}`,
    `  date: '${date}'`,
    '  confidence: measured',
    '',
  ].join('\n');
}
