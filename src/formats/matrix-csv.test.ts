import { describe, expect, it } from 'vitest';
import { clos2 } from '../../test/support/fabrics.ts';
import type { Fabric } from '../fabric/types.ts';
import { fromText } from './bytes.ts';
import { readMatrixCsv } from './matrix-csv.ts';

/** h0 ... h5; hosts a, b, c have two NICs each. */
const single = clos2({ leaves: 3, spines: 1, hostsPerLeaf: 2 });
const fabric: Fabric = {
  ...single,
  hosts: {
    count: 3,
    names: ['a', 'b', 'c'],
    of: Int32Array.from([0, 0, 1, 1, 2, 2]),
    nic: Int16Array.from([0, 1, 0, 1, 0, 1]),
  },
};

describe('readMatrixCsv', () => {
  it('reads NICs, and shares the bytes of hosts out over their NICs', async () => {
    const text = 'from,to,bytes\nh0,h2,10\n# a remark\n\na,b,8\nh1,c,4\nh3,h3,7\nc,c,1\n';
    const result = await readMatrixCsv(fromText(text), 'm.csv', fabric);
    if (!result.ok) throw new Error(result.issues[0]!.message);
    const { src, dst, bytes } = result.value;
    expect(Array.from(src, (s, i) => [s, dst[i], bytes[i]])).toEqual([
      [0, 2, 10],
      [0, 2, 4],
      [1, 3, 4],
      [1, 4, 2],
      [1, 5, 2],
    ]);
  });

  it('lists every fault with its line', async () => {
    const text = 'h0,h1,5\nh0,hx,5\nh0,h1\nh0,h1,many\nh0,h1,-1\n';
    const result = await readMatrixCsv(fromText(text), 'm.csv', fabric);
    expect(result.ok).toBe(false);
    expect(result.issues.map((i) => [i.line, i.code])).toEqual([
      [2, 'unknown-name'],
      [3, 'wrong-columns'],
      [4, 'wrong-number'],
      [5, 'wrong-number'],
    ]);
  });

  it('refuses a matrix that moves nothing', async () => {
    const result = await readMatrixCsv(fromText('from,to,bytes\nh0,h1,0\n'), 'm.csv', fabric);
    expect(result.issues.map((i) => i.code)).toEqual(['empty']);
  });
});
