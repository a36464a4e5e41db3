import { describe, expect, it } from 'vitest';
import { parseFailures, parseJobs, parseRoutings } from './request.ts';

const codes = (result: { readonly issues: readonly { readonly code: string }[] }) =>
  result.issues.map((i) => i.code);

describe('what a simulation is asked', () => {
  it('routings by word, number and file', () => {
    const result = parseRoutings('ecmp, ecmp:8,hybrid:64,ideal,tables/lfts.txt');
    expect(result.ok && result.value).toEqual([
      { label: 'ecmp', kind: 'ecmp', queuePairs: 1 },
      { label: 'ecmp:8', kind: 'ecmp', queuePairs: 8 },
      { label: 'hybrid:64', kind: 'hybrid', pins: 64 },
      { label: 'ideal', kind: 'ideal' },
      { label: 'lfts.txt', kind: 'file', file: 'tables/lfts.txt' },
    ]);
    expect(codes(parseRoutings('ecpm,ecmp:0,hybrid,adaptive:2,ideal,ideal,'))).toEqual([
      'unknown-routing',
      'unknown-routing',
      'unknown-routing',
      'unknown-routing',
      'routing-twice',
      'unknown-routing',
    ]);
    expect(parseRoutings('adaptve').issues[0]!.nearest).toBe('adaptive');
  });

  it('jobs side by side, steps one after the other, computations between', () => {
    const result = parseJobs('a.csv > 200us > b.cm, 14xshift:1');
    expect(result.ok && result.value.map((j) => [j.label, j.steps])).toEqual([
      [
        'a.csv > 200us > b.cm',
        [
          {
            kind: 'traffic',
            times: 1,
            request: { kind: 'matrix', file: 'a.csv', label: 'a.csv', priority: 1 },
          },
          { kind: 'compute', seconds: 200e-6 },
          { kind: 'traffic', times: 1, request: { kind: 'flows', file: 'b.cm', label: 'b.cm', priority: 1 } },
        ],
      ],
      [
        '14xshift:1',
        [
          {
            kind: 'traffic',
            times: 14,
            request: { kind: 'pattern', spec: { kind: 'shift', by: 1 }, label: 'shift:1', priority: 1 },
          },
        ],
      ],
    ]);
    expect(codes(parseJobs('permutation,permutation,0xshift:1,shfit:1>5 parsecs'))).toEqual([
      'traffic-twice',
      'traffic-times',
      'traffic-pattern',
      'traffic-pattern',
    ]);
  });

  it('failures by part and time, those of one moment together', () => {
    const result = parseFailures(['link:a-b@3ms', 'plane:2@1us', 'leaf:x@y@0.003s']);
    expect(result.ok && result.value).toEqual([
      { time: 1e-6, parts: ['plane:2'] },
      { time: 3e-3, parts: ['link:a-b', 'leaf:x@y'] },
    ]);
    expect(codes(parseFailures(['link:a-b', 'link:a-b@3', '@3ms']))).toEqual([
      'unknown-failure',
      'unknown-failure',
      'unknown-failure',
    ]);
  });
});
