import { type Gather, wholeNumber } from './gather.ts';
import { UNKNOWN } from './shell.ts';

/** The flags of a command line, each with its values; the last of a repeated flag counts. */
export class Flags {
  readonly #values = new Map<string, readonly string[]>();
  readonly #used = new Set<string>();
  readonly #gather: Gather;

  constructor(words: readonly string[], gather: Gather) {
    this.#gather = gather;
    let name = '';
    for (const word of words) {
      const flag = /^--([A-Za-z][\w-]*)(?:=(.*))?$/su.exec(word);
      if (flag === null) {
        if (name !== '') this.#values.set(name, [...this.#values.get(name)!, word]);
        continue;
      }
      name = flag[1]!.replaceAll('_', '-');
      this.#values.set(name, flag[2] === undefined ? [] : [flag[2]]);
    }
  }

  get size(): number {
    return this.#values.size;
  }

  has(name: string): boolean {
    this.#used.add(name);
    return this.#values.has(name);
  }

  text(name: string): string | undefined {
    this.#used.add(name);
    const value = this.#values.get(name)?.join(' ');
    if (value?.includes(UNKNOWN) !== true) return value;
    this.#gather.warn('unreadable-value', `--${name}: the value depends on what only a shell knows`, {
      hint: 'write the number itself and read the file again',
    });
    return undefined;
  }

  /** A whole number; what is there and is none is warned of. */
  number(name: string, min = 1): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = wholeNumber(text, min);
    if (value === undefined) {
      this.#gather.warn('unreadable-value', `--${name} is not a whole number of at least ${min}`, {
        found: text.slice(0, 60),
      });
    }
    return value;
  }

  /** As it stood, for a comment. */
  source(name: string): string {
    return [`--${name}`, ...(this.#values.get(name) ?? [])].join(' ');
  }

  /** Those of the flags that are there, as they stood; or that the first is not. */
  presence(...names: readonly string[]): string {
    const there = names.filter((name) => this.has(name)).map((name) => this.source(name));
    return there.length > 0 ? there.join(' ') : `no --${names[0]}`;
  }

  /** Names that nothing asked for and that are not among those known to say nothing about a plan. */
  unused(silent: (name: string) => boolean): string[] {
    return [...this.#values.keys()].filter((name) => !this.#used.has(name) && !silent(name));
  }
}
