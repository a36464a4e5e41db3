import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';

/** Exit statuses of every command (DESIGN: conventions). */
export const Exit = { done: 0, fault: 1, input: 2, unexpected: 3, interrupted: 130 } as const;

/** One file of an output folder: its name and its text in pieces, so that no large text is held whole; or bytes. */
export interface OutputFile {
  readonly name: string;
  readonly chunks: Iterable<string | Uint8Array>;
}

/**
 * Writes all files into `folder`, each under a temporary name first; they are renamed only when every one is
 * complete, so a failure or an interrupt leaves nothing half-written.
 */
export function writeFolder(folder: string, files: readonly OutputFile[]): Result<readonly string[]> {
  const staged = new Staged(folder);
  try {
    makeFolder(folder);
    for (const file of files) staged.add(file);
    return ok(staged.commit());
  } catch (error) {
    return staged.giveUp(error);
  }
}

/** The same with files that are made one after the other, with time in between to be interrupted. */
export async function writeFolderInTurn(
  folder: string,
  files: AsyncIterable<OutputFile>,
): Promise<Result<readonly string[]>> {
  const staged = new Staged(folder);
  try {
    makeFolder(folder);
    for await (const file of files) staged.add(file);
    return ok(staged.commit());
  } catch (error) {
    return staged.giveUp(error);
  }
}

/** Files of a folder under temporary names. */
class Staged {
  readonly #folder: string;
  readonly #written: { temporary: string; target: string }[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  add(file: OutputFile): void {
    const target = join(this.#folder, file.name);
    const temporary = join(dirname(target), `.${file.name}.${process.pid}.partial`);
    this.#written.push({ temporary, target });
    writeChunks(temporary, file.chunks);
  }

  commit(): string[] {
    for (const { temporary, target } of this.#written) renameSync(temporary, target);
    return this.#written.map((w) => w.target);
  }

  /** Removes what was written; what is no fault of the file system is thrown on. */
  giveUp(error: unknown): Result<never> {
    for (const { temporary } of this.#written) rmSync(temporary, { force: true });
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return fail([cannotWrite(this.#folder, error)]);
  }
}

/**
 * `mkdir -p`, parent by parent. Node's own recursive form never ends where a file system answers ENOENT to a mkdir
 * whose parent exists, as /proc does.
 */
function makeFolder(folder: string): void {
  if (existsSync(folder)) {
    if (statSync(folder).isDirectory()) return;
    throw Object.assign(new Error('a file is in the way'), { code: 'EEXIST' });
  }
  const parent = dirname(resolve(folder));
  if (parent !== resolve(folder)) makeFolder(parent);
  mkdirSync(folder);
}

/** Writes one file atomically; `-` is stdout. */
export function writeFile(path: string, chunks: Iterable<string | Uint8Array>): Result<string> {
  if (path === '-') {
    for (const chunk of chunks) process.stdout.write(chunk);
    return ok(path);
  }
  const temporary = `${path}.${process.pid}.partial`;
  try {
    writeChunks(temporary, chunks);
    renameSync(temporary, path);
    return ok(path);
  } catch (error) {
    rmSync(temporary, { force: true });
    return fail([cannotWrite(path, error)]);
  }
}

const FLUSH_AT = 1 << 20;

function writeChunks(path: string, chunks: Iterable<string | Uint8Array>): void {
  writeFileSync(path, '');
  let pending = '';
  const flush = (): void => {
    writeFileSync(path, pending, { flag: 'a' });
    pending = '';
  };
  for (const chunk of chunks) {
    if (typeof chunk === 'string') pending += chunk;
    else {
      flush();
      writeFileSync(path, chunk, { flag: 'a' });
    }
    if (pending.length >= FLUSH_AT) flush();
  }
  flush();
}

function cannotWrite(path: string, error: unknown) {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
  const why: Record<string, string> = {
    EACCES: 'no permission',
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
    EISDIR: 'it is a directory',
    ENOTDIR: 'a part of the path is a file, not a directory',
    EEXIST: 'a file of that name is in the way',
    ENOENT: 'the directory does not exist',
  };
  return issue({
    code: 'cannot-write',
    message: `cannot write ${path}: ${why[code] ?? code}`,
    hint: 'nothing was written; give another --out',
  });
}
