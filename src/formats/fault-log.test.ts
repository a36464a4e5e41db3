import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromText } from './bytes.ts';
import { readFaultLog } from './fault-log.ts';

const DAY = 86_400;
const read = (text: string, unit = DAY) => readFaultLog(fromText(text), 'log', unit);
const codes = async (text: string) =>
  (await read(text)).issues.map((i) => `${i.code}${i.line === undefined ? '' : `:${i.line}`}`);

describe('a log of faults', () => {
  it('is the same log as starts and ends, as whole faults, as JSON Lines, as CSV and with dates', async () => {
    const start = {
      node_id: 'a',
      event_time: 1,
      event_type: 'fault_start',
      fault_type: { Level: 'Hardware', Class: 'GPU' },
    };
    const pairs = JSON.stringify([start, { ...start, event_time: 2, event_type: 'fault_end' }], null, 2);
    const whole = '[{"node":"a","start":"1 d","end":"48 h","cause":{"Level":"Hardware","Class":"GPU"}}]';
    const expected = {
      faults: [{ node: 'a', start: DAY, end: 2 * DAY, cause: 'Hardware: GPU', level: 'Hardware' }],
      last: 2 * DAY,
    };
    for (const text of [pairs, whole, whole.slice(1, -1)])
      expect(await read(text)).toMatchObject({ ok: true, value: expected });
    const csv = 'node,start (h),end (h),cause\na,24,48,"GPU, lost"\n';
    const one = { ...expected.faults[0], cause: 'GPU, lost', level: null };
    expect(await read(csv)).toMatchObject({ ok: true, value: { faults: [one], last: 2 * DAY } });
    const dates =
      'host,time,event,reason\na,2024-02-28T12:00Z,fail,x\na,2024-03-01 12:00:00+00:00,recover,x\n';
    expect(await read(dates)).toMatchObject({ ok: true, value: { faults: [{ start: 0, end: 2 * DAY }] } });
  });

  it.each([
    ['a time that is none', 'node,start,end\na,1,2\nb,NaN,3\nc,-1,2\n', ['wrong-time:3', 'wrong-time:4']],
    ['mixed units', 'node,start,end\na,1,2\nb,3 h,4 h\n', ['mixed-units:3', 'mixed-units:3']],
    ['units that differ by column', 'node,start_h,end_d\na,1,2\n', ['mixed-units:1']],
    ['an end before its start', 'node,start,end\na,5,2\n', ['end-before-start:2']],
    ['an end without a start', 'node,time,event\na,1,fault_end\n', ['no-start:2']],
    ['a repetition', 'node,start,end\na,1,2\na,1,2\n', ['duplicate:3']],
    ['disorder', 'node,start,end\na,3,4\nb,1,2\n', ['unordered:3']],
    ['an event of no kind', 'node,time,event\na,1,hello\n', ['unknown-event:2']],
    ['a short line', 'node,start,end\na,1\n', ['wrong-columns:2']],
    ['another table', 'a,b\n1,2\n', ['missing-column:1']],
    ['no node', '[{"start":1,"end":2}]', ['missing-column:1']],
    ['no fault', '[]', ['empty']],
    ['nothing at all', '', ['empty']],
    ['a record cut off', '[{"node":"a","start":1,"end":2},\n{"node":"b"', ['cut-off:2']],
    ['NaN in JSON', '[{"node":"a","start":NaN}]', ['not-json:1']],
    ['a day that is none', 'node,start,end\na,2024-02-30,2024-03-01\n', ['wrong-time:2']],
  ])('says where: %s', async (_, text, expected) => {
    expect(await codes(text)).toEqual(expected);
  });

  it('says where a part seems to be missing, and which faults do not end', async () => {
    const quiet = [...Array(50).keys()].map((i) => `n${i},${i / 10},`).join('\n');
    const result = await read(`node,start,end\n${quiet}\nz,400,401\n`);
    expect(result.ok).toBe(true);
    expect(result.issues.map((i) => [i.code, i.severity])).toEqual([
      ['gap', 'warning'],
      ['no-end', 'warning'],
    ]);
  });

  it('takes any text without a fault of its own', async () => {
    const nasty = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .array(
          fc.constantFrom('node', 'start', 'end', ',', '\n', '"', '{', '}', '[', '1', 'NaN', '2024-01-01'),
          { maxLength: 60 },
        )
        .map((x) => x.join('')),
    );
    await fc.assert(
      fc.asyncProperty(nasty, async (text) => {
        const result = await read(text);
        if (result.ok)
          for (const f of result.value.faults) expect(f.end === null || f.end >= f.start).toBe(true);
        else expect(result.issues.length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });
});
