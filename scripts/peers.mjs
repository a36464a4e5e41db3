import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/**
 * Programs of other projects that some suites run against: the command that shows it is there, the Debian
 * package that brings it, and the suite that needs it. They are never needed to use Planewright.
 */
export const peers = [
  { name: 'chromium', command: 'chromium', package: 'chromium', suite: 'browser' },
  { name: 'opensm', command: 'opensm', package: 'opensm', suite: 'peers' },
  { name: 'ibsim', command: 'ibsim', package: 'ibsim-utils', suite: 'peers' },
  { name: 'ibnetdiscover', command: 'ibnetdiscover', package: 'infiniband-diags', suite: 'peers' },
  // The library has no command of its own; this one comes with its headers.
  { name: 'simgrid', command: 'smpicxx', package: 'libsimgrid-dev', suite: 'peers' },
  { name: 'g++', command: 'g++', package: 'g++', suite: 'peers' },
  { name: 'ibdmchk', command: 'ibdmchk', package: 'ibutils', suite: 'peers' },
];

/** Where the peer's command is, or null when it is not installed. Debian keeps some in sbin. */
export function findPeer(name) {
  const peer = peers.find((candidate) => candidate.name === name);
  if (peer === undefined) throw new Error(`no peer of the name ${name} in scripts/peers.mjs`);
  const folders = [
    ...(process.env.PATH ?? '').split(path.delimiter),
    '/usr/sbin',
    '/usr/local/sbin',
    '/sbin',
  ];
  for (const folder of folders) {
    const file = path.join(folder || '.', peer.command);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder; the next one may have it.
    }
  }
  return null;
}
