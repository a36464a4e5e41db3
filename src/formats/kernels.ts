import { issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { excerpt, IssueCollector } from './collector.ts';
import type { KernelRow } from './types.ts';

/**
 * Times of single kernels as examples/gpu/measure_kernels.py writes them: one JSON object a line. Kinds of lines that
 * tables are not made of (loops, other kernels, sustained rates) are passed over; a line that is broken is an issue.
 */
export function readKernels(text: string, label: string): Result<KernelRow[]> {
  const rows: KernelRow[] = [];
  const issues = new IssueCollector(label);
  text.split(/\r?\n/u).forEach((line, i) => {
    if (line.trim() === '') return;
    const row = rowOf(line);
    if (row === null) {
      issues.add({
        code: 'kernel-row',
        severity: 'warning',
        line: i + 1,
        message: 'not a measured kernel; the line is left out',
        found: excerpt(line),
      });
    } else if (row !== 'other') rows.push(row);
  });
  if (rows.length > 0) return ok(rows, issues.issues);
  const message = 'no measured kernels here';
  const hint = 'examples/gpu/measure_kernels.py makes such a file on a machine with the GPU';
  return fail([issue({ code: 'no-kernels', file: label, message, hint }), ...issues.issues]);
}

function rowOf(line: string): KernelRow | 'other' | null {
  const row = parsed(line);
  if (row === null || typeof row['kind'] !== 'string') return null;
  if (row['error'] !== undefined) return 'other';
  const has = (...names: string[]): boolean => names.every((n) => positive(row[n]));
  const passes = (...names: string[]): boolean => names.includes(row['pass'] as string);
  const of = (fine: boolean): KernelRow | null => (fine ? (row as unknown as KernelRow) : null);
  switch (row['kind']) {
    case 'pause':
      return row['how'] === 'graph' ? of(has('seconds')) : 'other';
    case 'stream':
      return row['what'] === 'copy' || row['what'] === 'add' ? of(has('bytes', 'seconds')) : 'other';
    case 'product':
      if (row['scaling'] !== undefined && row['scaling'] !== 'tensor') return 'other';
      return of(has('m', 'n', 'k', 'seconds') && ['bf16', 'fp8'].includes(row['precision'] as string));
    case 'grouped':
      if (!passes('forward', 'inputs')) return 'other';
      return of(has('groups', 'm', 'n', 'k', 'seconds'));
    case 'attention':
      return of(
        has('batch', 'heads', 'sequence', 'dim', 'value', 'seconds') && passes('forward', 'backward'),
      );
    case 'layer':
      if (row['compiled'] !== true) return 'other';
      return of(
        has('hidden', 'heads', 'kvHeads', 'intermediate', 'sequence', 'microbatch', 'forward', 'both'),
      );
    default:
      return 'other';
  }
}

function parsed(line: string): Record<string, unknown> | null {
  try {
    const row: unknown = JSON.parse(line);
    return typeof row === 'object' && row !== null ? (row as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function positive(x: unknown): boolean {
  return typeof x === 'number' && Number.isFinite(x) && x > 0;
}
