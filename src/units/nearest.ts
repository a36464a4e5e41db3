/**
 * The nearest valid name to what was written, for messages. Levenshtein distance without regard to case (which
 * only breaks ties), on at most 64 characters; a name further away than a third of its length helps nobody.
 */
export function nearest(found: string, names: Iterable<string>): string | undefined {
  const written = found.slice(0, LONGEST);
  const wanted = written.toLowerCase();
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const full of names) {
    const name = full.slice(0, LONGEST);
    const limit = Math.max(1, Math.floor(Math.max(name.length, wanted.length) / 3));
    // The beginning of a name is a good guess however much is missing.
    const prefix = wanted.length >= 3 && name.length > wanted.length && name.toLowerCase().startsWith(wanted);
    const d = prefix ? 1 : levenshtein(wanted, name.toLowerCase());
    if (d > limit || d > bestDistance) continue;
    const distance = d + levenshtein(written, name) / 1000;
    if (distance < bestDistance) {
      best = full;
      bestDistance = distance;
    }
  }
  return best;
}

/** Longer names are not typed by hand; bounds the work on garbage. */
const LONGEST = 64;

/** Insertions, deletions and substitutions that turn a into b. O(|a| |b|) time, O(|b|) memory. */
function levenshtein(a: string, b: string): number {
  const row = new Uint16Array(b.length + 1);
  for (let j = 0; j <= b.length; j++) row[j] = j;
  for (let i = 1; i <= a.length; i++) {
    let diagonal = row[0]!;
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const substitute = diagonal + (a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1);
      diagonal = row[j]!;
      row[j] = Math.min(substitute, row[j]! + 1, row[j - 1]! + 1);
    }
  }
  return row[b.length]!;
}
