import { describe, expect, it } from 'vitest';
import { parseTraffic } from './request.ts';

const parsed = (text: string) => {
  const result = parseTraffic(text);
  if (!result.ok) throw new Error(result.issues.map((i) => i.message).join());
  return result.value;
};
const codes = (text: string) => {
  const result = parseTraffic(text);
  return result.ok ? [] : result.issues.map((i) => i.code);
};

describe('parseTraffic', () => {
  it('reads patterns with and without priorities', () => {
    expect(parsed('all-to-all:1,same-rail:2')).toEqual([
      { kind: 'pattern', spec: { kind: 'all-to-all' }, label: 'all-to-all', priority: 1 },
      { kind: 'pattern', spec: { kind: 'same-rail' }, label: 'same-rail', priority: 2 },
    ]);
    expect(parsed(' permutation , random')).toHaveLength(2);
  });

  it('tells the number of a shift from its priority', () => {
    expect(parsed('shift:4')).toMatchObject([{ spec: { kind: 'shift', by: 4 }, priority: 1 }]);
    expect(parsed('shift:4:0.5,incast:8:3')).toMatchObject([
      { spec: { kind: 'shift', by: 4 }, label: 'shift:4', priority: 0.5 },
      { spec: { kind: 'incast', senders: 8 }, priority: 3 },
    ]);
  });

  it('knows files by their ending', () => {
    expect(parsed('a:b/plan.json:2,matrix.CSV')).toEqual([
      { kind: 'plan', file: 'a:b/plan.json', label: 'a:b/plan.json', priority: 2 },
      { kind: 'matrix', file: 'matrix.CSV', label: 'matrix.CSV', priority: 1 },
    ]);
  });

  it('says everything that is wrong at once', () => {
    expect(codes('al-to-all,same-rail:0,shift,m.csv:x')).toEqual([
      'traffic-pattern',
      'traffic-priority',
      'traffic-pattern',
      'traffic-priority',
    ]);
    expect(codes('')).toEqual(['traffic-pattern']);
    expect(codes('random,random:2')).toEqual(['traffic-twice']);
    const wrong = parseTraffic('al-to-all');
    expect(wrong.issues[0]!.nearest).toBe('all-to-all');
  });
});
