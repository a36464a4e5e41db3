import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A lock whose owner gave no sign of life for so long is abandoned, whatever its process id says. */
const SILENCE_MS = 60_000;
const HEARTBEAT_MS = 5_000;

/**
 * Takes the lock file, waiting while a living process holds it (`onWait(pid)` is called once). Returns the function that
 * releases it. A lock whose owner is dead is taken over: renamed away first and looked at again, so that of two
 * processes that find it dead only one goes on.
 */
export async function acquireLock(file, onWait) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const mine = JSON.stringify({ pid: process.pid, host: os.hostname(), started: Date.now() });
  let told = false;
  while (!create(file, mine)) {
    const seen = read(file);
    if (seen === null) continue;
    if (abandoned(seen)) {
      takeAway(file, seen.text);
      continue;
    }
    if (!told) onWait(seen.owner ? seen.owner.pid : '?');
    told = true;
    await sleep(200);
  }
  const heartbeat = setInterval(() => touch(file), HEARTBEAT_MS);
  heartbeat.unref();
  return () => {
    clearInterval(heartbeat);
    const seen = read(file);
    if (seen !== null && seen.text === mine) fs.rmSync(file, { force: true });
  };
}

function create(file, text) {
  try {
    fs.writeFileSync(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** The lock as it stands, or null when it has just gone. A half-written one has no owner yet. */
function read(file) {
  try {
    const text = fs.readFileSync(file, 'utf8');
    const silentMs = Date.now() - fs.statSync(file).mtimeMs;
    let owner = null;
    try {
      owner = JSON.parse(text);
    } catch {
      // Between its creation and its first byte, or its writer died there: silence will tell.
    }
    return { text, silentMs, owner };
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

function abandoned({ owner, silentMs }) {
  if (silentMs > SILENCE_MS) return true;
  if (owner === null || owner.host !== os.hostname()) return false;
  // Our own number on a lock that is not ours: the number was used again.
  return owner.pid === process.pid || !alive(owner.pid);
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function takeAway(file, expected) {
  const aside = `${file}.${process.pid}`;
  try {
    fs.renameSync(file, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  if (fs.readFileSync(aside, 'utf8') !== expected) {
    // Another process took it over in between: give it back.
    try {
      fs.linkSync(aside, file);
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
  }
  fs.rmSync(aside, { force: true });
}

function touch(file) {
  const now = new Date();
  try {
    fs.utimesSync(file, now, now);
  } catch {
    // Gone: whoever removed it answers for it; release() looks before it deletes.
  }
}
