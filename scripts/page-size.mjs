/**
 * How much of the built page a browser fetches before anything is asked of it: what index.html names, the worker, and what
 * these import outright, gzipped as the server sends it. Parts that are imported on demand do not count.
 */
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

/** Bytes, gzipped. */
const MOST = 350_000;

export function pageSize(folder) {
  const index = fs.readFileSync(path.join(folder, 'index.html'), 'utf8');
  const waiting = [...index.matchAll(/(?:src|href)="\.?\/?([^"]+\.(?:js|css))"/g)].map(([, file]) => file);
  const files = new Map();
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file)) continue;
    const text = fs.readFileSync(path.join(folder, file), 'utf8');
    files.set(file, gzipSync(text).length);
    // Static imports, and workers that the page starts; import() is for later.
    const named = /(?:\bfrom\s*|\bimport\s*|new URL\((?:\/\*.*?\*\/)?)["'`]([^"'`]+\.js)["'`]/g;
    for (const [, name] of text.matchAll(named)) {
      const found = [path.posix.join(path.posix.dirname(file), name), name.replace(/^\//, '')];
      const known = found.find((f) => fs.existsSync(path.join(folder, f)));
      if (known !== undefined) waiting.push(known);
    }
  }
  return { files, bytes: [...files.values()].reduce((sum, n) => sum + n, 0), most: MOST };
}
