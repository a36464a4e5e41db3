import { createReadStream, existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { builtin } from '../../src/catalog/catalog.ts';
import { readFaultLog } from '../../src/formats/fault-log.ts';
import { fitFaults } from '../../src/risk/fit.ts';

const DAY = 86_400;
const sample = '../shared/samples/failures/infinitehbd_fault_trace.json';
if (!existsSync(sample)) console.log(`skipped: the fault trace needs ${sample}`);

it.skipIf(!existsSync(sample))(
  'a trace of 400 servers: 238 node-days between faults, 467 of hardware',
  async () => {
    const log = await readFaultLog(createReadStream(sample), sample, DAY);
    if (!log.ok) throw new Error(JSON.stringify(log.issues));
    const fitted = fitFaults(log.value, { name: 'trace', nodes: 400, span: 348 * DAY, gpusPerNode: 8 });
    if (!fitted.ok) throw new Error(JSON.stringify(fitted.issues));
    const { all, levels, lemons, fleet } = fitted.value;
    expect(all.mttf / DAY / 238).toBeCloseTo(1, 1.7);
    expect(levels[0]!.cause).toBe('Hardware Failure');
    expect(levels[0]!.mttf / DAY / 467).toBeCloseTo(1, 1.7);
    expect(lemons.length).toBeGreaterThan(0);
    // The fleet of the catalog is this fit.
    expect(fleet.counts).toEqual(builtin().find('fleet', 'infinitehbd')!.counts);
  },
);
