import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findPeer } from '../../scripts/peers.mjs';

/** A subnet manager that swept a simulated fabric once. `close` ends the simulator and removes its folder. */
export interface Sweep {
  readonly log: string;
  /** What OpenSM dumped, by file name: 'opensm-lfts.dump', 'opensm.fdbs', 'opensm-subnet.lst', ... */
  readonly dump: (name: string) => string;
  readonly folder: string;
  /** Runs a tool of infiniband-diags against the simulated fabric. */
  readonly tool: (command: string, args: readonly string[]) => string;
  readonly close: () => void;
}

export interface SweepInput {
  readonly net: Iterable<string>;
  readonly lfts: Iterable<string>;
  /** LIDs by port GUID, so that the subnet numbers as the tables do. */
  readonly guidToLid: Iterable<string>;
  /** Node name of the adapter that the subnet manager runs on. */
  readonly host: string;
  readonly limits: {
    readonly nodes: number;
    readonly switches: number;
    readonly ports: number;
  };
  readonly lmc: number;
}

const SOCKETS = 'planewright';
let sockets = 0;

/** Starts ibsim on a net file and lets the real OpenSM program it with the tables given. All on this machine. */
export async function sweep(input: SweepInput): Promise<Sweep> {
  const folder = mkdtempSync(join(tmpdir(), 'planewright-opensm-'));
  const file = (name: string, chunks: Iterable<string>): string => {
    writeFileSync(join(folder, name), [...chunks].join(''));
    return join(folder, name);
  };
  const net = file('net', input.net);
  const lfts = file('planewright.lfts', input.lfts);
  file('guid2lid', input.guidToLid);
  const simulated = {
    ...process.env,
    IBSIM_SOCKNAME: `${SOCKETS}-${process.pid}-${sockets++}`,
    SIM_HOST: input.host,
    OSM_CACHE_DIR: folder,
    OSM_TMP_DIR: folder,
    LD_PRELOAD: simulatorLibrary(),
  };
  const simulator = await startSimulator(net, input.limits, simulated, folder);
  const close = () => {
    simulator.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const log = join(folder, 'osm.log');
    const args = ['-R', 'file', '-U', lfts, '-o', '-e', '-f', log, '-D', '0x43', '--dump_files_dir', folder];
    if (input.lmc > 0) args.push('-l', String(input.lmc));
    spawnSync(findPeer('opensm')!, args, { cwd: folder, env: simulated, timeout: 60_000 });
    return {
      log: existsSync(log) ? readFileSync(log, 'utf8') : '',
      dump: (name) => readFileSync(join(folder, name), 'utf8'),
      folder,
      tool: (command, arguments_) =>
        spawnSync(command, arguments_, { env: simulated, encoding: 'utf8', timeout: 20_000 }).stdout,
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** The library that leads management packets into the simulator instead of a device. */
function simulatorLibrary(): string {
  const listed = execFileSync('dpkg', ['-L', 'libumad2sim0'], { encoding: 'utf8' });
  return listed
    .split('\n')
    .find((line) => line.endsWith('libumad2sim.so') || /libumad2sim\.so\.\d+$/.test(line))!;
}

async function startSimulator(
  net: string,
  { nodes, switches, ports }: SweepInput['limits'],
  env: NodeJS.ProcessEnv,
  folder: string,
): Promise<ChildProcess> {
  const { LD_PRELOAD: _, ...plain } = env;
  const room = ['-N', String(nodes + 8), '-S', String(switches + 8), '-P', String(ports + 1024)];
  const simulator = spawn(findPeer('ibsim')!, ['-s', '-n', ...room, net], { cwd: folder, env: plain });
  let said = '';
  simulator.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  simulator.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  for (let tries = 0; tries < 200; tries++) {
    if (/Network simulator ready|network is started/i.test(said)) return simulator;
    if (simulator.exitCode !== null) throw new Error(`ibsim ended: ${said}`);
    await sleep(50);
  }
  simulator.kill();
  throw new Error(`ibsim did not start: ${said}`);
}
