import { describe, expect, it } from 'vitest';
import { readKernels } from './kernels.ts';

const PRODUCT = '{"kind":"product","precision":"bf16","pass":"forward","m":128,"n":64,"k":32,"seconds":1e-5}';

describe('kernels', () => {
  it('reads what tables are made of and passes over the rest', () => {
    const text = [
      '{"kind":"about","gpu":"H100"}',
      '{"kind":"pause","how":"graph","seconds":1e-6}',
      '{"kind":"pause","how":"host, add","seconds":1e-5}',
      PRODUCT,
      '{"kind":"product","precision":"fp8","scaling":"row","m":1,"n":1,"k":1,"seconds":1}',
      '{"kind":"attention","error":"no kernel"}',
      '',
    ].join('\n');
    const read = readKernels(text, 'log');
    expect(read.ok && read.value.map((r) => r.kind)).toEqual(['pause', 'product']);
    expect(read.issues).toEqual([]);
  });

  it.each([
    'no JSON',
    '3',
    'null',
    '{"kind":7}',
    '{"kind":"product","precision":"bf16","m":0,"n":1,"k":1,"seconds":1}',
    '{"kind":"product","precision":"int4","m":1,"n":1,"k":1,"seconds":1}',
    '{"kind":"stream","what":"copy","bytes":"many","seconds":1}',
    '{"kind":"stream","what":"copy","bytes":4}',
  ])('names the line that is wrong: %s', (line) => {
    const read = readKernels(`${PRODUCT}\n${line}\n`, 'log');
    expect(read.ok && read.value).toHaveLength(1);
    expect(read.issues).toMatchObject([{ code: 'kernel-row', line: 2, severity: 'warning' }]);
  });

  it('says where such a file comes from when there is nothing in it', () => {
    const read = readKernels('{"kind":"about"}\n', 'log');
    expect(read.ok).toBe(false);
    expect(read.issues[0]!.hint).toContain('measure_kernels.py');
  });
});
