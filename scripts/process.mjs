import { spawn } from 'node:child_process';

/** Process groups started here and not yet ended. They outlive a terminal's Ctrl-C, so we end them ourselves. */
const groups = new Set();

/**
 * Runs a program and resolves to `{code, output, timedOut, seconds}`; never rejects for a failing program. `code`
 * is 127 when it could not be started and 1 when a signal ended it. `show`: 'inherit' lets it write where we write, 'collect'
 * (default) keeps both streams in `output`. It runs in a process group of its own, so that a time limit
 * (`seconds`) ends it with all that it started, and nothing else.
 */
export function run(
  program,
  args,
  { cwd, env = process.env, show = 'collect', seconds = 0, stdin = 'ignore' } = {},
) {
  const begin = process.hrtime.bigint();
  return new Promise((resolve) => {
    const output = show === 'inherit' ? 'inherit' : 'pipe';
    const child = spawn(program, args, { cwd, env, stdio: [stdin, output, output], detached: true });
    const pieces = [];
    let timedOut = false;
    let timers = [];
    if (child.pid !== undefined) groups.add(child.pid);
    child.stdout?.on('data', (piece) => pieces.push(piece));
    child.stderr?.on('data', (piece) => pieces.push(piece));
    if (seconds > 0) {
      const stop = () => {
        timedOut = true;
        signalGroup(child.pid, 'SIGTERM');
      };
      timers = [
        setTimeout(stop, seconds * 1000),
        setTimeout(() => signalGroup(child.pid, 'SIGKILL'), (seconds + 5) * 1000),
      ];
    }
    const finish = (code, extra = '') => {
      timers.forEach(clearTimeout);
      // A time limit also ends grandchildren that stayed behind in the group.
      if (timedOut) signalGroup(child.pid, 'SIGKILL');
      groups.delete(child.pid);
      const text = Buffer.concat(pieces).toString('utf8') + extra;
      resolve({ code, output: text, timedOut, seconds: Number(process.hrtime.bigint() - begin) / 1e9 });
    };
    child.on('error', (error) => finish(127, `${program}: ${error.message}\n`));
    child.on('close', (code) => finish(code ?? 1));
  });
}

/** Ends every group that `run` started; for a signal handler. */
export function endGroups() {
  for (const group of groups) signalGroup(group, 'SIGTERM');
}

/** From now on an interrupt ends what we started, tidies up and exits as the shell expects. */
export function endGroupsOnSignal(tidy = () => {}) {
  const handlers = [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ].map(([signal, status]) => {
    const handler = () => {
      endGroups();
      tidy();
      process.exit(status);
    };
    process.once(signal, handler);
    return [signal, handler];
  });
  return () => {
    for (const [signal, handler] of handlers) process.removeListener(signal, handler);
  };
}

function signalGroup(group, signal) {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
