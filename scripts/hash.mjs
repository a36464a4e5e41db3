import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** SHA-256 over the names and contents of the files, in the order given. */
export function hashFiles(root, names) {
  const hash = createHash('sha256');
  for (const name of names) {
    const content = fs.readFileSync(path.join(root, name));
    hash.update(`${name}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}
