import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readNcclTests } from './nccl-tests.ts';

const LOG = `# nThread 1 nGpus 1 minBytes 8 maxBytes 1024
#  Rank  0 Group  0 Pid 1 on node-a device  0 [0x00] NVIDIA H100
#  Rank  1 Group  0 Pid 2 on node-b device  0 [0x00] NVIDIA H100
#
#                                                              out-of-place                       in-place
#       size         count      type   redop    root     time   algbw   busbw #wrong     time   algbw   busbw #wrong
#        (B)    (elements)                               (us)  (GB/s)  (GB/s)            (us)  (GB/s)  (GB/s)
           8             2     float     sum      -1    20.00    0.00    0.00      0    20.00    0.00    0.00      0
node-a:1:1 [0] NCCL INFO something
        1024           256     float     sum      -1    40.00    0.03    0.05      0    40.00    0.03    0.05      0
`;

describe('nccl-tests', () => {
  it('reads sizes, seconds and rates, ranks and hosts', () => {
    const log = readNcclTests(LOG, 'log');
    if (!log.ok) throw new Error(log.issues[0]!.message);
    expect(log.value).toMatchObject({ reduction: 'sum', ranks: 2, nodes: 2 });
    expect(log.value.rows).toHaveLength(2);
    expect(log.value.rows[1]).toMatchObject({ bytes: 1024 });
    expect(log.value.rows[1]!.seconds).toBeCloseTo(40e-6, 12);
    expect(log.value.rows[1]!.busRate).toBeCloseTo(5e7, 3);
  });

  it.each(['', 'hello', '# size time', '#  size count type redop time algbw busbw\n'])(
    'says what is missing in %j',
    (text) => {
      const log = readNcclTests(text, 'log');
      expect(log.ok).toBe(false);
      expect(log.issues[0]!.message.length).toBeGreaterThan(10);
    },
  );

  const samples = '../shared/samples/nccl';
  it.skipIf(!existsSync(samples)).each([
    ['allreduce', 'sum', 235e9],
    ['alltoall', null, 224e9],
  ])('reads the sample of %s', (name, reduction, rate) => {
    const log = readNcclTests(readFileSync(`${samples}/nccl-tests-8xA100-${name}.log`, 'utf8'), name);
    if (!log.ok) throw new Error(log.issues[0]!.message);
    expect(log.value).toMatchObject({ reduction, ranks: 8, nodes: 1 });
    expect(Math.max(...log.value.rows.map((r) => r.busRate)) / rate).toBeCloseTo(1, 1);
  });
});
