import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FluidSystem } from '../../src/fluid/types.ts';

/** Max-min sharing without TCP's bias: plain capacities, no weights by round-trip time, tight tolerances. */
const PURE = [
  'network/model:CM02',
  'network/bandwidth-factor:1',
  'network/latency-factor:1',
  'network/weight-S:0',
  'network/TCP-gamma:0',
  'network/crosstraffic:0',
  'surf/precision:1e-9',
  'maxmin/precision:1e-9',
].map((setting) => `--cfg=${setting}`);

/** What of SimGrid is not installed, in words; null when all is. */
export function simgridMissing(): string | null {
  // The benches run compiled, where scripts/peers.mjs is not; the commands are the ones named there.
  const missing = ['smpicxx', 'g++'].filter((name) => spawnSync(name, ['--version']).error !== undefined);
  return missing.length === 0 ? null : `not installed: ${missing.join(', ')}`;
}

export interface Simgrid {
  /** Finish of each flow, and the seconds that SimGrid took to find it. Whole bytes, one phase, no changes. */
  run(system: FluidSystem, ends: PathEnds): { readonly finish: number[]; readonly seconds: number };
  close(): void;
}

/** Hosts at both ends of each path: no two paths may join the same two. */
export interface PathEnds {
  readonly hosts: number;
  readonly source: ArrayLike<number>;
  readonly destination: ArrayLike<number>;
}

/** From the root of the clone, where tests and benches run. */
const DRIVER = 'test/peers/simgrid/maxmin.cpp';

/** Compiles the driver. */
export function simgrid(): Simgrid {
  const folder = mkdtempSync(join(tmpdir(), 'planewright-simgrid-'));
  const program = join(folder, 'maxmin');
  execFileSync('g++', ['-O2', '-std=c++17', DRIVER, '-o', program, '-lsimgrid']);
  return {
    run(system, ends) {
      const input = describe(system, ends);
      const { stdout, stderr, status } = spawnSync(program, [...PURE, '--log=root.thres:warning'], {
        input,
        encoding: 'utf8',
        maxBuffer: 2 ** 30,
      });
      const lines = stdout.trim().split('\n').map(Number);
      if (status !== 0 || lines.length !== system.flows.count + 1)
        throw new Error(`SimGrid: ${status} ${stderr}`);
      return { finish: lines.slice(0, -1), seconds: lines.at(-1)! };
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function describe({ capacity, paths, flows }: FluidSystem, ends: PathEnds): string {
  const lines = [`${capacity.length} ${ends.hosts} ${paths.count} ${flows.count}`, ...capacity];
  const pair = (path: number): string => `${ends.source[path]} ${ends.destination[path]}`;
  for (let p = 0; p < paths.count; p++) {
    const links = paths.link.subarray(paths.start[p]!, paths.start[p + 1]!);
    lines.push(`${pair(p)} ${links.length} ${links.join(' ')}`);
  }
  for (let f = 0; f < flows.count; f++) {
    lines.push(`${pair(flows.path[f]!)} ${flows.bytes[f]} ${flows.offset?.[f] ?? 0}`);
  }
  return `${lines.join('\n')}\n`;
}
