import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Handler } from 'hono';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
};

interface File {
  readonly body: Buffer;
  readonly zipped: Buffer;
  readonly type: string;
  /** Its name holds the hash of its content: it never changes. */
  readonly fixed: boolean;
}

/**
 * Serves the files that are in the folder now, by name: the request's path is looked up, never opened, so that there
 * is no way out of the folder. The app is some hundred kilobytes.
 */
export function staticFiles(folder: string): Handler {
  const files = new Map<string, File>();
  for (const name of existsSync(folder) ? filesBelow(folder) : []) {
    const body = readFileSync(join(folder, name));
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    files.set(`/${name}`, { body, zipped: gzipSync(body), type, fixed: name.startsWith('assets/') });
  }
  return (c) => {
    const file = files.get(c.req.path === '/' ? '/index.html' : c.req.path);
    if (file === undefined) return c.notFound();
    const zip = /\bgzip\b/.test(c.req.header('accept-encoding') ?? '');
    return c.body(new Uint8Array(zip ? file.zipped : file.body), 200, {
      'content-type': file.type,
      'cache-control': file.fixed ? 'public, max-age=31536000, immutable' : 'no-cache',
      vary: 'accept-encoding',
      ...(zip && { 'content-encoding': 'gzip' }),
    });
  };
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .split(sep)
        .join('/'),
    );
}
