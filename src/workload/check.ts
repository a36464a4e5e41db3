import { type Issue, issue } from '../base/issue.ts';
import { shardingOf } from './sharding.ts';
import type { WorkloadInput } from './types.ts';

/** Every reason why the model cannot be cut this way. The product of all sizes is checked with the cluster. */
export function checkWorkload({ model, training, parallelism: p }: WorkloadInput): Issue[] {
  const issues: Issue[] = [];
  const sizes = ['tensor', 'pipeline', 'expert', 'data', 'context', 'virtualStages'] as const;
  const whole = sizes.filter((k) => !(Number.isInteger(p[k]) && p[k] > 0));
  for (const key of whole) {
    issues.push(
      at(['parallelism', key], 'not-positive', `${key} must be a whole number above 0`, p[key], 'from 1'),
    );
  }
  if (whole.length > 0) return issues;

  divides(
    issues,
    ['training', 'batch'],
    'batch',
    training.batch,
    'data x microbatch',
    p.data * training.microbatch,
  );
  if (p.shard !== undefined) {
    if (!(Number.isInteger(p.shard) && p.shard > 0))
      issues.push(
        at(
          ['parallelism', 'shard'],
          'not-positive',
          'shard must be a whole number above 0',
          p.shard,
          'from 1',
        ),
      );
    else divides(issues, ['parallelism', 'shard'], 'data', p.data, 'shard', p.shard);
  }
  divides(issues, ['parallelism', 'context'], 'sequence', training.sequence, 'context', p.context);
  divides(issues, ['parallelism', 'tensor'], 'attention heads', model.attention.heads, 'tensor', p.tensor);
  const chunks = p.pipeline * p.virtualStages;
  const layers = model.layers + model.mtp;
  if (chunks > layers) {
    const text = 'there are more pipeline stages than layers';
    issues.push(at(['parallelism', 'pipeline'], 'too-many-stages', text, chunks, `at most ${layers}`));
  }
  if (p.virtualStages > 1 && p.schedule !== 'interleaved') {
    const text = `the ${p.schedule} schedule has one model chunk a rank`;
    issues.push(
      at(
        ['parallelism', 'virtualStages'],
        'virtual-stages',
        text,
        p.virtualStages,
        '1, or schedule interleaved',
      ),
    );
  }
  if (p.schedule === 'dualpipe' && p.pipeline % 2 !== 0) {
    const text = 'DualPipe pairs the ranks of a pipeline from its two ends';
    issues.push(at(['parallelism', 'pipeline'], 'odd-pipeline', text, p.pipeline, 'an even number'));
  }
  return [...issues, ...checkExperts({ model, training, parallelism: p })];
}

function checkExperts({ model, parallelism: p }: WorkloadInput): Issue[] {
  const issues: Issue[] = [];
  const path = ['parallelism', 'expert'];
  const { experts } = model;
  if (experts === undefined) {
    if (p.expert > 1) issues.push(at(path, 'no-experts', `${model.name} has no experts`, p.expert, '1'));
    return issues;
  }
  divides(issues, path, 'routed experts', experts.routed, 'expert', p.expert);
  const { ranks } = shardingOf(p);
  const whole = ranks === p.data ? 'data' : 'shard';
  divides(issues, path, `tensor x ${whole}`, p.tensor * ranks, 'expert', p.expert);
  if (experts.active > experts.routed) {
    const text = 'a token cannot choose more experts than there are';
    issues.push(
      at(
        ['model', 'experts', 'active'],
        'too-many-active',
        text,
        experts.active,
        `at most ${experts.routed}`,
      ),
    );
  }
  if (p.expert > 1 && p.tensor > 1 && !p.sequence) {
    const text =
      'expert groups over tensor ranks need sequence parallelism, so that the ranks hold different tokens';
    issues.push(at(['parallelism', 'sequence'], 'expert-needs-sequence', text, 'false', 'true'));
  }
  return issues;
}

function divides(issues: Issue[], path: string[], what: string, n: number, by: string, d: number): void {
  if (n % d === 0) return;
  issues.push(
    at(path, 'not-divisible', `${what} must be a multiple of ${by}`, `${n} and ${d}`, `a multiple of ${d}`),
  );
}

function at(path: string[], code: string, message: string, found: number | string, allowed: string): Issue {
  return issue({ code, path, message, found: String(found), allowed });
}
