import { describe, expect, test } from 'vitest';
import { shellCommands, UNKNOWN } from './shell.ts';

const words = (text: string) => shellCommands(text).commands.flat();

describe('shellCommands', () => {
  test.each([
    ['quotes keep blanks, words split', `a "b c" 'd e' f`, ['a', 'b c', 'd e', 'f']],
    ['comments end at the line, # inside a word stays', 'a # b\nc d#e', ['a', 'c', 'd#e']],
    ['lines continue', 'a \\\n  b', ['a', 'b']],
    ['variables', `X=1; Y="$X 2"\nrun $Y "$Y" \${X}0`, ['run', '1', '2', '1 2', '10']],
    ['defaults', `run \${A:-7} \${B-8}`, ['run', '7', '8']],
    ['a set variable beats its default', `A=1\nrun \${A:-7}`, ['run', '1']],
    [
      'arrays',
      `A=(--x 1\n --y "2 3") # c\nA+=(--z)\nrun "\${A[@]}"`,
      ['run', '--x', '1', '--y', '2 3', '--z'],
    ],
    ['append to a text', 'A="--x 1"\nA+=" --y 2"\nrun $A', ['run', '--x', '1', '--y', '2']],
    ['arithmetic', 'N=3\nrun $((N * (2 + 4) / 2))', ['run', '9']],
    ['single quotes are not expanded', "X=1\nrun '$X'", ['run', '$X']],
    ['export and branches', 'if [ 1 ]; then\n export X=4\nfi\nrun $X', ['[', '1', ']', 'run', '4']],
    [
      'what only a shell knows',
      'run $(hostname) `date` $1 $NOT_SET',
      ['run', UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN],
    ],
  ])('%s', (_, text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  test('a script that doubles itself ends', () => {
    const bomb = `A=xxxxxxxxxx\n${'A="$A$A"\n'.repeat(200)}run $A`;
    expect(words(bomb).join('').length).toBeLessThan(3_000_000);
  });
});
