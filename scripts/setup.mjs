/**
 * Makes a clone ready to run: packages from the lockfile, then dist/ from the sources. Used by ./planewright
 * and by `npm test`. Talks on stderr only. A stamp, written last, says what was made from what, so
 * that a set-up that was killed is done again; when nothing changed the check costs some milliseconds
 * (names, sizes and times of the inputs), and contents are hashed only when those differ.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import versions from './node-version.cjs';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const stateFolder = path.join(root, '.planewright');
const stampFile = path.join(stateFolder, 'stamp.json');
const installedFile = path.join(root, 'node_modules', '.package-lock.json');

/** What decides which packages are installed and what dist/ holds. */
const INPUTS = [
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'vite.config.ts',
  'scripts/build.mjs',
  'src',
  'catalog',
];
/** Made by the build, or no part of dist/. */
const NOT_AN_INPUT = /(^|\/)(generated\.ts|[^/]*\.test\.ts|\.[^/]*)$/;

/** A set-up that cannot go on; the message is for the user. */
export class SetUpError extends Error {}

/** Sets the clone up unless it is so already. Throws SetUpError. */
export async function setUp() {
  const complaint = versions.nodeComplaint();
  if (complaint) throw new SetUpError(complaint);
  const inputs = listInputs();
  const stamp = readStamp();
  if (stamp !== null && outputsExist() && stamp.quick === inputs.quick) return;
  try {
    await bringUpToDate();
  } catch (error) {
    if (error.code !== 'EACCES' && error.code !== 'EROFS' && error.code !== 'EPERM') throw error;
    throw new SetUpError(`the set-up cannot write in ${root}: ${error.message}`);
  }
}

/** What the sources of a clone that is set up are, as a hash. */
export function contentOfSources() {
  return readStamp()?.content ?? '';
}

/** Tells the user what stopped us: a message where it is his to mend, the whole fault where it is ours. */
export function explain(error) {
  say(error instanceof SetUpError ? error.message : error.stack);
}

export function say(line) {
  process.stderr.write(`planewright: ${line}\n`);
}

async function bringUpToDate() {
  const { hashFiles } = await import('./hash.mjs');
  const before = state(hashFiles);
  if (before.packages && before.build) return rememberTimes(before.stamp);
  const { acquireLock } = await import('./lock.mjs');
  const { endGroupsOnSignal } = await import('./process.mjs');
  const release = await acquireLock(path.join(stateFolder, 'lock'), (pid) =>
    say(`another set-up of this clone is under way (process ${pid}); waiting for it`),
  );
  const forget = endGroupsOnSignal(release);
  try {
    const now = state(hashFiles);
    if (!now.packages || !now.build) await make(now);
  } finally {
    forget();
    release();
  }
}

/** What the inputs are now, and whether the installed packages and dist/ were made from them. */
function state(hashFiles) {
  const inputs = listInputs();
  const stamp = {
    platform: `${process.platform}-${process.arch}`,
    content: hashFiles(root, inputs.names),
    quick: inputs.quick,
  };
  const made = readStamp();
  // Packages that somebody installed by hand count when they are what the lockfile says: no second download.
  const packages = packagesInstalled() && (made === null || made.platform === stamp.platform);
  const build = packages && made !== null && made.content === stamp.content && outputsExist();
  return { packages, build, stamp };
}

async function make(now) {
  const begin = Date.now();
  fs.rmSync(stampFile, { force: true });
  if (!now.packages) {
    say(
      'setting up this clone, once: npm ci (about 15 s, 285 MB in node_modules), then the build (some seconds)',
    );
    await install();
  } else {
    say('the sources changed: building (some seconds)');
  }
  const { build } = await import('./build.mjs');
  const problems = await build({ types: false });
  if (problems !== '') throw new SetUpError(`the build failed\n${problems}`);
  writeStamp(now.stamp);
  say(`ready after ${Math.max(1, Math.round((Date.now() - begin) / 1000))} s`);
}

async function install() {
  const { run } = await import('./process.mjs');
  // Development packages hold the compiler: they are wanted even where NODE_ENV says production.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const { code, output } = await run('npm', args, { cwd: root });
  if (code === 127)
    throw new SetUpError(`npm could not be started (it comes with Node.js): ${output.trim()}`);
  if (code !== 0) throw new SetUpError(`npm ci failed with status ${code}\n${output}`);
}

/** True when node_modules holds what the lockfile lists (npm writes its own list last). */
function packagesInstalled() {
  const wanted = readJson(path.join(root, 'package-lock.json'));
  const present = readJson(installedFile);
  if (wanted === null || present === null) return false;
  return Object.entries(wanted.packages).every(([name, entry]) => {
    if (name === '') return true;
    const found = present.packages[name];
    return found === undefined ? entry.optional === true : found.version === entry.version;
  });
}

function outputsExist() {
  return fs.existsSync(path.join(root, 'dist')) && fs.existsSync(installedFile);
}

function listInputs() {
  const files = INPUTS.flatMap((entry) => listFiles(entry));
  return {
    names: files.map((file) => file.name),
    quick: files.map(({ name, size, time }) => `${name} ${size} ${time}`).join('\n'),
  };
}

/** A file, or every input file below a folder, in name order. */
function listFiles(name) {
  if (NOT_AN_INPUT.test(name)) return [];
  const stat = fs.statSync(path.join(root, name), { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (!stat.isDirectory()) return [{ name, size: stat.size, time: stat.mtimeMs }];
  const names = fs.readdirSync(path.join(root, name)).sort();
  return names.flatMap((inner) => listFiles(`${name}/${inner}`));
}

function readStamp() {
  return readJson(stampFile);
}

/** Same contents, other times (a copied clone, a branch and back): only the quick check learns of it. */
function rememberTimes(stamp) {
  try {
    writeStamp(stamp);
  } catch (error) {
    // A clone that cannot be written to still runs; it is hashed each time.
    if (error.code !== 'EACCES' && error.code !== 'EROFS' && error.code !== 'EPERM') throw error;
  }
}

function writeStamp(stamp) {
  fs.mkdirSync(stateFolder, { recursive: true });
  const temporary = `${stampFile}.${process.pid}`;
  fs.writeFileSync(temporary, JSON.stringify(stamp));
  fs.renameSync(temporary, stampFile);
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return null;
    throw error;
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  setUp().catch((error) => {
    explain(error);
    process.exitCode = 1;
  });
}
