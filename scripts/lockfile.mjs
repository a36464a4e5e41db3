/**
 * package-lock.json must name the optional packages of every platform, or `npm ci` refuses it. Where the registry in
 * use serves only some platforms, npm writes a lockfile without the others; this adds them back from the exact version
 * that their owner asks for and the platform that their name says. `--check` only reports. Run it after adding a package.
 */
import fs from 'node:fs';
import path from 'node:path';
import { writeIfChanged } from './files.mjs';
import { root } from './setup.mjs';

const file = path.join(root, 'package-lock.json');
const SYSTEMS = 'aix|android|darwin|freebsd|linux|openbsd|openharmony|netbsd|sunos|win32';
const PROCESSORS = 'arm|arm64|ia32|loong64|mips64el|ppc64|riscv64|s390x|x64';
const PLATFORM = new RegExp(
  `[-/](${SYSTEMS})-(${PROCESSORS})(?:-(musl|gnu|gnueabihf|musleabihf|eabi|msvc))?$`,
);

/** The entry of a package that the lockfile lacks: {name, entry}. Throws where its name says no platform. */
function missingEntries(packages) {
  return Object.values(packages).flatMap((owner) =>
    Object.entries(owner.optionalDependencies ?? {})
      .filter(([name]) => packages[`node_modules/${name}`] === undefined)
      .map(([name, version]) => ({ name, entry: platformEntry(name, version, owner.dev === true) })),
  );
}

function platformEntry(name, version, dev) {
  const platform = PLATFORM.exec(name);
  if (platform === null || !/^\d+\.\d+\.\d+/.test(version))
    throw new Error(`${name}@${version} is not in the lockfile`);
  const [, system, processor, abi] = platform;
  const libc = abi?.startsWith('musl') ? ['musl'] : abi?.startsWith('gnu') ? ['glibc'] : undefined;
  return {
    version,
    cpu: [processor],
    ...(dev && { dev }),
    ...(libc && { libc }),
    optional: true,
    os: [system],
  };
}

function main() {
  const lock = JSON.parse(fs.readFileSync(file, 'utf8'));
  const missing = missingEntries(lock.packages);
  if (process.argv.includes('--check')) {
    for (const { name } of missing)
      console.log(`package-lock.json lacks ${name}; node scripts/lockfile.mjs adds it`);
    process.exitCode = missing.length > 0 ? 1 : 0;
    return;
  }
  for (const { name, entry } of missing) lock.packages[`node_modules/${name}`] = entry;
  const names = Object.keys(lock.packages).sort((a, b) => a.localeCompare(b, 'en'));
  lock.packages = Object.fromEntries(names.map((name) => [name, lock.packages[name]]));
  writeIfChanged(file, `${JSON.stringify(lock, null, 2)}\n`);
}

main();
