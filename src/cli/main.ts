#!/usr/bin/env node
import type { Command } from 'commander';
import { version } from './version.ts';

/** A command: one file, loaded only when it is called. */
interface Entry {
  readonly summary: string;
  readonly load: () => Promise<{ define: (command: Command) => void }>;
}

const COMMANDS: Record<string, Entry> = {
  plan: { summary: 'design the network of a job and say how it behaves', load: () => import('./plan.ts') },
  check: {
    summary: 'read a spec and list everything that is wrong with it',
    load: () => import('./check.ts'),
  },
  init: { summary: 'write a commented spec to start from', load: () => import('./init.ts') },
  search: {
    summary: 'find the best parallel plans of a job, and those that nothing beats',
    load: () => import('./search.ts'),
  },
  advise: {
    summary: 'try every known optimisation on a job and rank what helps',
    load: () => import('./advise.ts'),
  },
  fabric: { summary: 'show the designed network, or compare topologies', load: () => import('./fabric.ts') },
  import: {
    summary: 'read a real fabric and say what is uneven, missing or special',
    load: () => import('./import.ts'),
  },
  route: {
    summary: 'make the tables that serve a traffic best on a fabric',
    load: () => import('./route.ts'),
  },
  verify: {
    summary: 'follow the tables of a fabric: reachability, loops, deadlock, load',
    load: () => import('./verify.ts'),
  },
  profile: {
    summary: 'name the hot links of a fabric under its tables, with causes and cures',
    load: () => import('./profile.ts'),
  },
  simulate: {
    summary: 'run flows on a fabric under several routings, second by second',
    load: () => import('./simulate.ts'),
  },
  diff: {
    summary: 'list what is cabled otherwise than it should be, dearest first',
    load: () => import('./diff.ts'),
  },
  export: {
    summary: 'write a fabric for OpenSM, ibsim or a drawing tool',
    load: () => import('./export.ts'),
  },
  serve: { summary: 'serve the page and the HTTP API', load: () => import('./serve.ts') },
  eras: { summary: 'the eras of data centres, and where a cluster stands', load: () => import('./eras.ts') },
  inspect: {
    summary: 'find spikes, stalls, stragglers and restarts in a training log',
    load: () => import('./inspect.ts'),
  },
  risk: {
    summary: 'how often a job breaks, what that costs, and fits to logs of faults',
    load: () => import('./risk.ts'),
  },
  'sdc-lab': {
    summary: 'corrupt a toy training and see which detectors notice',
    load: () => import('./sdc-lab.ts'),
  },
  scale: {
    summary: 'one machine made better against more of them, with the ceilings of both',
    load: () => import('./scale.ts'),
  },
  calibrate: {
    summary: 'tables of a GPU from measured times of its kernels',
    load: () => import('./calibrate.ts'),
  },
  catalog: {
    summary: 'list the data Planewright stands on, with sources',
    load: () => import('./catalog.ts'),
  },
  validate: { summary: 'compare with published measurements', load: () => import('./validate.ts') },
};

async function main(argv: readonly string[]): Promise<void> {
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    process.stdout.write(`planewright ${version()}\n`);
    return;
  }
  const { run } = await import('./program.ts');
  await run(argv, COMMANDS, version());
}

// A reader that stops early (`| head`) is not an error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

await main(process.argv.slice(2));
