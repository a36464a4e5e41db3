import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { builtin } from '../catalog/catalog.ts';
import { readKernels } from '../formats/kernels.ts';
import type { KernelRow } from '../formats/types.ts';
import { Kernels } from '../step/kernels.ts';
import { checkKernels, kernelTables, missingKernels } from './kernel-tables.ts';

const catalog = builtin();
const gpu = catalog.find('gpu', 'h100')!;

function measured(): readonly KernelRow[] {
  const read = readKernels(readFileSync('examples/gpu/h100-kernels.jsonl', 'utf8'), 'h100');
  if (!read.ok) throw new Error('unreadable');
  return read.value;
}

describe('kernel tables', () => {
  it('say what they need', () => {
    expect(missingKernels(measured())).toEqual([]);
    const some = measured().filter((r) => r.kind !== 'stream' && r.kind !== 'attention');
    expect(missingKernels(some)).toEqual(['copies', 'attention forward', 'attention backward']);
  });

  it('are those of the catalog for the H100, number by number', () => {
    const { gemm, attention, memory } = kernelTables(measured(), gpu, catalog);
    const own = catalog.find('efficiency', 'h100')!;
    expect({ gemm, attention, memory }).toEqual({
      gemm: own.gemm,
      attention: own.attention,
      memory: own.memory,
    });
  });

  it('come back from kernels that take exactly what tables say', () => {
    const truth = { ...catalog.find('efficiency', 'a100')!, scale: { gemm: 1, attention: 1, memory: 1 } };
    const a100 = catalog.find('gpu', 'a100')!;
    const kernels = new Kernels({ gpu: a100, efficiency: truth, fallback: false }, 'bf16', catalog);
    const rows: KernelRow[] = [{ kind: 'pause', seconds: truth.launch }];
    for (let bytes = 65_536; bytes < 2 ** 32; bytes *= 2) {
      rows.push({ kind: 'stream', bytes, seconds: kernels.stream(bytes) });
    }
    for (let size = 512; size <= 16_384; size *= 1.25) {
      const n = Math.round(size);
      rows.push({ kind: 'product', precision: 'bf16', m: n, n, k: n, seconds: kernels.gemm(n, n, n) });
    }
    const tables = kernelTables(rows, a100, catalog);
    const checks = checkKernels(rows, tables, a100, catalog);
    for (const { kind, median } of checks) expect([kind, median < 0.02]).toEqual([kind, true]);
    for (const [size, factor] of tables.gemm.bf16) {
      if (size >= 1e11) expect(Math.abs(factor - 0.85)).toBeLessThan(0.06);
    }
  });

  it('predict whole layers, which have no part in them, within 10 %', () => {
    const rows = measured();
    const checks = checkKernels(rows, kernelTables(rows, gpu, catalog), gpu, catalog);
    const layers = checks.filter((c) => c.kind.startsWith('whole layers'));
    expect(layers).toHaveLength(2);
    for (const { p90 } of layers) expect(p90).toBeLessThan(0.1);
  });
});
