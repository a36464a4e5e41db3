import type { Ceiling, CeilingCause, ScalePoint, ScaleResult } from './types.ts';

/** Throughput that counts: failures included where they are known. */
export function effectiveRate(result: ScaleResult): number {
  return result.tokensPerSecond * (result.ettr ?? 1);
}

/** What a doubling of the factor gains between two points, as a ratio of throughputs. */
export function doublingGain(from: ScalePoint, to: ScalePoint): number | null {
  if (from.result === undefined || to.result === undefined) return null;
  const gain = effectiveRate(to.result) / effectiveRate(from.result);
  return Math.exp((Math.log(gain) * Math.LN2) / Math.log(to.factor / from.factor));
}

/**
 * The last point whose next doubling still gains at least `least`, and the part of the step that takes the rest; where
 * every step of the path pays, the last one and what takes most there. null with fewer than two points that work.
 */
export function ceilingOf(points: readonly ScalePoint[], least: number): Ceiling | null {
  let last: Ceiling | null = null;
  for (let i = 0; i + 1 < points.length; i++) {
    const from = points[i]!;
    const to = points[i + 1]!;
    // Machines that differ in something else than the factor are no step of it.
    if (from.result === undefined || from.factor < 1 || to.factor === from.factor) continue;
    const doubling = doublingGain(from, to);
    const { factor, gpus } = from;
    if (doubling === null) {
      const why = `${to.label}: ${to.problem ?? 'the job cannot run so'}`;
      return { reached: true, factor, gpus, doubling, cause: 'impossible', why };
    }
    const grown = whatGrew(from, to);
    if (doubling < least) return { reached: true, factor, gpus, doubling, ...grown };
    last = { reached: false, factor: to.factor, gpus: to.gpus, doubling, ...grown };
  }
  return last;
}

/** Which part of a step, summed over the machines, grew most between the points: it takes what the growth should give. */
function whatGrew(from: ScalePoint, to: ScalePoint): { cause: CeilingCause; why: string } {
  const before = from.result!;
  const after = to.result!;
  const growth = to.factor / from.factor;
  const lost = new Map<string, number>();
  // On a path out, a part that shrank as the machines grew loses nothing.
  for (const part of new Set([...Object.keys(before.parts), ...Object.keys(after.parts)]))
    lost.set(part, (after.parts[part] ?? 0) - (before.parts[part] ?? 0) / growth);
  lost.set(
    'failures',
    after.stepSeconds * (1 / (after.ettr ?? 1) - 1) -
      (before.stepSeconds * (1 / (before.ettr ?? 1) - 1)) / growth,
  );
  const [part, seconds] = [...lost].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]!;
  const share = seconds / after.stepSeconds;
  return {
    cause: causeOf(part),
    why: `${TEXT[part] ?? `communication of the ${part} ranks`}: ${percent(share)} of a step that should be gone`,
  };
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

const TEXT: Readonly<Record<string, string>> = {
  compute: 'the kernels themselves (Amdahl: what this path does not speed up)',
  bubble: 'the pipeline fills and drains with too few microbatches',
  optimizer: 'the optimizer step',
  failures: 'failures and checkpoints',
};

function causeOf(part: string): CeilingCause {
  if (part === 'bubble') return 'pipeline';
  if (part === 'compute' || part === 'optimizer' || part === 'failures') return part;
  return 'network';
}
