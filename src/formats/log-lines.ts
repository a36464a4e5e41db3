import type { IssueCollector } from './collector.ts';
import type { Chunks } from './types.ts';

/** A longer line is no line of a log: it is passed over, so that memory stays bounded. */
const LONGEST = 1 << 20;

/**
 * Hands over each line with its number, without awaiting between lines: a log has 10^8 of them. A line beyond a
 * megabyte is said and passed over. Returns the number of lines and whether the last one ended. O(bytes).
 */
export async function scanLines(
  chunks: Chunks,
  issues: IssueCollector,
  take: (line: string, number: number) => void,
): Promise<{ lines: number; ended: boolean }> {
  const decoder = new TextDecoder();
  let rest = '';
  let lines = 0;
  let tooLong = false;
  const give = (line: string) => {
    lines++;
    if (tooLong || line.length > LONGEST) {
      tooLong = false;
      issues.add({
        code: 'long-line',
        severity: 'warning',
        line: lines,
        message: 'a line of over a megabyte is left out',
      });
      return;
    }
    take(line.endsWith('\r') ? line.slice(0, -1) : line, lines);
  };
  for await (const chunk of chunks) {
    const text = rest + decoder.decode(chunk, { stream: true });
    let at = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
      give(text.slice(at, end));
      at = end + 1;
    }
    rest = text.slice(at);
    if (rest.length > LONGEST) {
      tooLong = true;
      rest = '';
    }
  }
  rest += decoder.decode();
  const ended = rest === '' && !tooLong;
  if (!ended) give(rest);
  return { lines, ended };
}
