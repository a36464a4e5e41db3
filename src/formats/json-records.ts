/** One record of a list, as text, with the line it begins in (1-based). */
export interface JsonRecord {
  readonly line: number;
  readonly text: string;
}

/** A record longer than this is something else. */
const LONGEST = 1_000_000;

/**
 * Splits a JSON list of objects, or one object a line (JSON Lines), into its records without parsing them, so that each
 * has its line and a list of any length needs the memory of one. `broken` is told of what is cut off at the end. O(characters).
 */
export async function* jsonRecords(
  lines: AsyncIterable<string>,
  broken: (line: number) => void,
): AsyncGenerator<JsonRecord> {
  let number = 0;
  let depth = 0;
  let begun = 0;
  let text = '';
  let inString = false;
  let escaped = false;
  for await (const line of lines) {
    number++;
    let from = 0;
    for (let i = 0; i < line.length; i++) {
      const c = line.charCodeAt(i);
      if (inString) {
        if (escaped) escaped = false;
        else if (c === BACKSLASH) escaped = true;
        else if (c === QUOTE) inString = false;
      } else if (c === QUOTE) {
        inString = true;
      } else if (c === OPEN) {
        if (depth++ === 0) {
          begun = number;
          from = i;
        }
      } else if (c === CLOSE && depth > 0 && --depth === 0) {
        yield { line: begun, text: text + line.slice(from, i + 1) };
        text = '';
      }
    }
    // A string cannot go on in the next line.
    inString = false;
    escaped = false;
    if (depth > 0) text += `${line.slice(from)}\n`;
    if (text.length > LONGEST) break;
  }
  if (depth > 0) broken(begun);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
