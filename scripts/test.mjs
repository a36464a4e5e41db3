/**
 * npm test [-- SUITE... [--install-peers]]: sets the clone up, runs the suites one after the other, each within
 * its budget, and ends with the totals alone on the last line. With CI set, missing peers are
 * installed, a peer that is still missing fails, and what runs in-process runs again on Node 24.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findPeer, peers } from './peers.mjs';
import { endGroupsOnSignal, run } from './process.mjs';
import { explain, root, setUp, stateFolder } from './setup.mjs';

/** Budgets in minutes: a suite that takes longer is ended and counts as failed. */
const SUITES = {
  unit: { folders: ['src', 'test/unit'], minutes: 6, everyNode: true },
  golden: { folders: ['test/golden'], minutes: 5, everyNode: true },
  server: { folders: ['test/server'], minutes: 5, everyNode: true },
  package: { folders: ['test/package'], minutes: 3 },
  fuzz: { folders: ['test/fuzz'], minutes: 4 },
  peers: { folders: ['test/peers'], minutes: 4 },
  browser: { folders: ['test/browser'], minutes: 8 },
};
const NEWER_NODE = '24';
/** Colour is for a terminal, whatever a workplace forces. */
const plain = process.stdout.isTTY ? {} : { NO_COLOR: '1', FORCE_COLOR: undefined };
const ci = !['', '0', 'false'].includes(process.env.CI ?? '');

function say(line) {
  process.stdout.write(`${line}\n`);
}

function readArguments(args) {
  const install = ci || args.includes('--install-peers');
  const names = args.filter((arg) => arg !== '--install-peers');
  const wrong = names.filter((name) => !(name in SUITES));
  if (wrong.length > 0) {
    process.stderr.write(`no suite ${wrong.join(', ')}; there are ${Object.keys(SUITES).join(', ')}\n`);
    process.exit(2);
  }
  return { install, names: names.length > 0 ? names : Object.keys(SUITES) };
}

function hasTests(suite) {
  return SUITES[suite].folders.some((folder) => {
    const full = path.join(root, folder);
    return (
      fs.existsSync(full) &&
      fs.readdirSync(full, { recursive: true }).some((name) => name.endsWith('.test.ts'))
    );
  });
}

/** Runs a suite on one Node; resolves to {passed, failed, skipped}. */
async function runSuite(suite, node, label) {
  const report = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'planewright-test-')), 'report.json');
  say(`\n${label}`);
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const args = [
    vitest,
    'run',
    '--project',
    suite,
    '--reporter=dot',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  // What a test starts by the name `node` must be the Node under test too.
  const env = { ...process.env, ...plain, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}` };
  const { minutes } = SUITES[suite];
  const { code, timedOut } = await run(node, args, {
    cwd: root,
    env,
    show: 'inherit',
    seconds: minutes * 60,
  });
  const totals = readReport(report);
  fs.rmSync(path.dirname(report), { recursive: true, force: true });
  if (timedOut) say(`${label}: ended after its ${minutes} minutes`);
  // A run that broke before or beside its tests is a failure of its own.
  if (code !== 0 && totals.failed === 0) totals.failed = 1;
  say(`${label}: ${inWords(totals)}`);
  return totals;
}

function readReport(file) {
  if (!fs.existsSync(file)) return { passed: 0, failed: 1, skipped: 0 };
  const report = JSON.parse(fs.readFileSync(file, 'utf8'));
  // A file that fails to load has no tests in the report, yet it failed.
  const broken = report.testResults.filter(
    (f) => f.status === 'failed' && f.assertionResults.length === 0,
  ).length;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function inWords({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

async function installPeers(suites) {
  const missing = peers.filter((peer) => suites.includes(peer.suite) && findPeer(peer.name) === null);
  if (missing.length === 0) return;
  const packages = missing.map((peer) => peer.package);
  say(`installing ${packages.join(', ')} with apt-get`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-y', '--no-install-recommends', ...packages];
  for (const args of [['update'], install]) {
    const { code, output } = await run('apt-get', ['-q', ...args], { env, seconds: 600 });
    if (code !== 0) say(`apt-get ${args[0]} ended with status ${code}\n${output.slice(-2000)}`);
  }
}

/** One line for each peer that is not there; resolves to what that adds to the totals. */
function missingPeers(suite) {
  const missing = peers.filter((peer) => peer.suite === suite && findPeer(peer.name) === null);
  for (const peer of missing) {
    const then = ci ? 'a failure under CI' : 'its tests are skipped; --install-peers installs it';
    say(`${suite}: ${peer.command} is not installed (Debian package ${peer.package}): ${then}`);
  }
  return missing;
}

/** The newer Node's binary, from npm, kept for the next run. */
async function newerNode() {
  const folder = path.join(stateFolder, `node${NEWER_NODE}`);
  const binary = path.join(folder, 'node_modules/node/bin/node');
  const version = async () => (await run(binary, ['--version'])).output.trim();
  if (fs.existsSync(binary) && (await version()).startsWith(`v${NEWER_NODE}.`))
    return { binary, version: await version() };
  fs.mkdirSync(folder, { recursive: true });
  // A manifest of its own: npm must not climb to ours.
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  const args = ['install', '--prefix', folder, '--no-audit', '--no-fund', `node@${NEWER_NODE}`];
  const { code, output } = await run('npm', args, { cwd: folder, seconds: 300 });
  if (code !== 0) throw new Error(`npm could not install node@${NEWER_NODE}\n${output}`);
  return { binary, version: await version() };
}

async function runOnThisNode(suites, add) {
  for (const suite of suites) {
    if (!hasTests(suite)) {
      say(`\n${suite}: no tests yet`);
      continue;
    }
    const missing = missingPeers(suite);
    if (ci) add({ passed: 0, failed: missing.length, skipped: 0 });
    add(await runSuite(suite, process.execPath, `${suite} (Node ${process.version})`));
  }
}

async function runOnNewerNode(suites, add) {
  const again = suites.filter((suite) => SUITES[suite].everyNode && hasTests(suite));
  if (!ci || again.length === 0 || process.version.startsWith(`v${NEWER_NODE}.`)) return;
  try {
    const { binary, version } = await newerNode();
    for (const suite of again) add(await runSuite(suite, binary, `${suite} (Node ${version})`));
  } catch (error) {
    say(error.message);
    add({ passed: 0, failed: 1, skipped: 0 });
  }
}

async function main() {
  const { install, names } = readArguments(process.argv.slice(2));
  try {
    await setUp();
  } catch (error) {
    explain(error);
    say(inWords({ passed: 0, failed: 1, skipped: 0 }));
    process.exit(1);
  }
  endGroupsOnSignal();
  const total = { passed: 0, failed: 0, skipped: 0 };
  const add = (part) => {
    for (const key of Object.keys(total)) total[key] += part[key];
  };
  if (install) await installPeers(names.filter(hasTests));
  await runOnThisNode(names, add);
  await runOnNewerNode(names, add);
  say('');
  if (total.passed + total.failed === 0) say('no test ran');
  say(inWords(total));
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
}

await main();
