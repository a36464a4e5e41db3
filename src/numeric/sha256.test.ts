import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sha256Base64 } from './sha256.ts';

const theirs = (text: string): string => createHash('sha256').update(text).digest('base64');

it('is the digest that others make', () => {
  for (let n = 0; n < 200; n++) expect(sha256Base64('é'.repeat(n))).toBe(theirs('é'.repeat(n)));
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
      expect(sha256Base64(text)).toBe(theirs(text));
    }),
  );
});
