/**
 * The words of a shell script's commands, as far as text alone tells: quotes, comments, continued lines, variables
 * with defaults, arrays, simple arithmetic. Nothing is run: what only a shell could know (command substitution, the
 * environment, positional parameters) becomes UNKNOWN in the word. Branches are all taken, in order.
 */
export interface ShellCommands {
  readonly commands: readonly (readonly string[])[];
  /** The words of the script's `#SBATCH` lines. */
  readonly batch: readonly string[];
  /** Some assignment or flag may stand in a branch that is not taken. */
  readonly branches: boolean;
}

/** Stands for what the text does not say. */
export const UNKNOWN = '\uFFFD';

/** Characters that all expansions together may produce; a script that doubles itself ends here. */
const MOST_EXPANDED = 1_000_000;

type Part = { readonly text: string; readonly quote: 'none' | 'single' | 'double' };
type Word = readonly Part[];

const KEYWORDS = new Set(
  'if then else elif fi do done while until for export local declare readonly typeset set exec env time {'.split(
    ' ',
  ),
);
const BRANCHES = new Set(['if', 'elif', 'else', 'case', 'while', 'until']);

export function shellCommands(text: string): ShellCommands {
  const shell = new Shell();
  const lines = text.replaceAll('\r\n', '\n');
  const batch = [...lines.matchAll(/^#SBATCH\s+(.*)$/gmu)].flatMap((m) => m[1]!.trim().split(/\s+/u));
  new Scanner(lines.replaceAll('\\\n', ' '), (words) => shell.run(words)).scan();
  return { commands: shell.commands, batch, branches: shell.branches };
}

/** Cuts text into statements of words; an array's words are one word `NAME=(`, its elements, and `)`. */
class Scanner {
  readonly #text: string;
  readonly #emit: (words: readonly Word[]) => void;
  #at = 0;
  #words: Part[][] = [];
  #word: Part[] | null = null;
  #inArray = false;

  constructor(text: string, emit: (words: readonly Word[]) => void) {
    this.#text = text;
    this.#emit = emit;
  }

  scan(): void {
    while (this.#at < this.#text.length) this.#step(this.#text[this.#at]!);
    this.#endStatement();
  }

  #step(c: string): void {
    if (c === "'") this.#quoted("'", 'single');
    else if (c === '"') this.#quoted('"', 'double');
    else if (c === '\\') this.#add(this.#text[this.#at + 1] ?? '', 'single', 2);
    else if (c === '#' && this.#word === null) this.#at = this.#lineEnd();
    else if (c === '$' || c === '`') this.#add(this.#substitution(), 'none', 0);
    else if (c === ' ' || c === '\t') this.#endWord(1);
    else if ((c === '(' || c === ')') && this.#flagsOnly()) this.#add(c, 'none', 1);
    else if (c === '(' && this.#assigns()) this.#openArray();
    else if (c === ')' && this.#inArray) this.#closeArray();
    else if (c === '\n' && this.#inArray) this.#endWord(1);
    else if ('\n;&|()<>'.includes(c)) {
      this.#endStatement();
      this.#at++;
    } else this.#add(c, 'none', 1);
  }

  #add(text: string, quote: Part['quote'], advance: number): void {
    this.#word ??= [];
    const last = this.#word.at(-1);
    if (last?.quote === quote) this.#word[this.#word.length - 1] = { text: last.text + text, quote };
    else this.#word.push({ text, quote });
    this.#at += advance;
  }

  #quoted(mark: string, quote: 'single' | 'double'): void {
    let text = '';
    this.#at++;
    while (this.#at < this.#text.length && this.#text[this.#at] !== mark) {
      const c = this.#text[this.#at]!;
      if (quote === 'double' && c === '\\' && '"\\$`'.includes(this.#text[this.#at + 1] ?? 'x')) {
        const next = this.#text[this.#at + 1]!;
        text += next === '$' ? UNKNOWN : next;
        this.#at += 2;
      } else if (quote === 'double' && (c === '$' || c === '`')) {
        text += this.#substitution();
      } else {
        text += c;
        this.#at++;
      }
    }
    this.#at++;
    this.#word ??= [];
    this.#word.push({ text, quote });
  }

  /** The text of one `$...` or backtick group, moved past; its brackets are kept together. */
  #substitution(): string {
    const begin = this.#at;
    const next = this.#text[begin + 1];
    if (this.#text[begin] === '`') {
      const end = this.#text.indexOf('`', begin + 1);
      this.#at = end < 0 ? this.#text.length : end + 1;
      return UNKNOWN;
    }
    if (next === '(' || next === '{') this.#at = this.#closing(begin + 1, next, next === '(' ? ')' : '}');
    else this.#at = begin + 1;
    const command = next === '(' && this.#text[begin + 2] !== '(';
    return command ? UNKNOWN : this.#text.slice(begin, this.#at);
  }

  #closing(from: number, open: string, close: string): number {
    let depth = 0;
    for (let i = from; i < this.#text.length; i++) {
      if (this.#text[i] === open) depth++;
      else if (this.#text[i] === close && --depth === 0) return i + 1;
    }
    return this.#text.length;
  }

  /** A file of flags is no shell: `--moe-layer-freq ([0]*3+[1]*58)` needs no quotes there. */
  #flagsOnly(): boolean {
    return this.#words[0]?.[0]?.text.startsWith('--') === true;
  }

  #assigns(): boolean {
    const text = this.#word?.map((p) => p.text).join('') ?? '';
    return !this.#inArray && /^[A-Za-z_]\w*\+?=$/u.test(text);
  }

  #openArray(): void {
    this.#add('(', 'none', 1);
    this.#endWord(0);
    this.#inArray = true;
  }

  #closeArray(): void {
    this.#endWord(1);
    this.#words.push([{ text: ')', quote: 'single' }]);
    this.#inArray = false;
  }

  #lineEnd(): number {
    const end = this.#text.indexOf('\n', this.#at);
    return end < 0 ? this.#text.length : end;
  }

  #endWord(advance: number): void {
    if (this.#word !== null) this.#words.push(this.#word);
    this.#word = null;
    this.#at += advance;
  }

  #endStatement(): void {
    this.#endWord(0);
    if (this.#words.length > 0) this.#emit(this.#words);
    this.#words = [];
    this.#inArray = false;
  }
}

/** Keeps the variables while statements pass by. */
class Shell {
  readonly commands: string[][] = [];
  branches = false;
  readonly #variables = new Map<string, string[]>();
  #expanded = 0;

  run(statement: readonly Word[]): void {
    let words = statement;
    while (words.length > 0) {
      const first = words[0]!.map((p) => p.text).join('');
      if (KEYWORDS.has(first) || BRANCHES.has(first)) {
        this.branches ||= BRANCHES.has(first);
        words = words.slice(1);
        continue;
      }
      const assignment = /^([A-Za-z_]\w*)(\+?)=/u.exec(first);
      if (assignment === null) break;
      words = this.#assign(assignment, words);
    }
    if (words.length > 0) this.commands.push(words.flatMap((w) => this.#expand(w)));
  }

  #assign([head, name, append]: RegExpExecArray, words: readonly Word[]): readonly Word[] {
    const [first, ...rest] = words;
    const before = append === '+' ? (this.#variables.get(name!) ?? []) : [];
    if (first!.at(-1)?.text === `${head}(`) {
      const end = rest.findIndex((w) => w[0]?.text === ')' && w[0].quote === 'single');
      const inner = rest.slice(0, end < 0 ? rest.length : end);
      this.#variables.set(name!, [...before, ...inner.flatMap((w) => this.#expand(w))]);
      return end < 0 ? [] : rest.slice(end + 1);
    }
    const parts = [
      { text: first![0]!.text.slice(head!.length), quote: first![0]!.quote },
      ...first!.slice(1),
    ];
    const value = parts.map((p) => (p.quote === 'single' ? p.text : this.#substitute(p.text))).join('');
    this.#variables.set(name!, append === '+' ? [before.join(' ') + value] : [value]);
    return rest;
  }

  /** One word as the words it stands for. */
  #expand(word: Word): string[] {
    const list = word.length === 1 ? /^\$\{(\w+)\[[@*]\]\}$/u.exec(word[0]!.text) : null;
    if (list !== null && word[0]!.quote !== 'single') return this.#variables.get(list[1]!) ?? [UNKNOWN];
    let text = '';
    let literal = false;
    for (const part of word) {
      const value = part.quote === 'single' ? part.text : this.#substitute(part.text);
      // Blanks in quotes do not split; they are hidden while the rest is split.
      literal ||= part.quote !== 'none';
      text += part.quote === 'none' ? value : value.replaceAll(' ', '\u0000');
    }
    const words = text.split(/\s+/u).filter((w) => w !== '' || literal);
    return words.map((w) => w.replaceAll('\u0000', ' '));
  }

  #substitute(text: string): string {
    const form = /\$\(\(([^()]*(?:\([^()]*\)[^()]*)*)\)\)|\$\{([^{}]*)\}|\$(\w+|[@*#?!$-])/gu;
    const value = text.replace(form, (_, arithmetic?: string, braced?: string, plain?: string) => {
      if (arithmetic !== undefined) return evaluate(arithmetic, (name) => this.#value(name));
      return braced === undefined ? this.#value(plain!) : this.#braced(braced);
    });
    this.#expanded += value.length;
    return this.#expanded > MOST_EXPANDED ? UNKNOWN : value;
  }

  #value(name: string): string {
    return this.#variables.get(name)?.join(' ') ?? UNKNOWN;
  }

  /** NAME, NAME:-default, NAME-default, NAME[@]; other forms are not followed. */
  #braced(inner: string): string {
    const form = /^(\w+)(?:\[[@*]\])?(?::?[-=](.*))?$/su.exec(inner);
    if (form === null) return UNKNOWN;
    const known = this.#variables.get(form[1]!)?.join(' ');
    if (known !== undefined) return known;
    return form[2] === undefined ? UNKNOWN : this.#substitute(form[2].replace(/^"(.*)"$/su, '$1'));
  }
}

/** Whole-number arithmetic of `$((...))`: names, + - * / % and brackets. */
function evaluate(expression: string, variable: (name: string) => string): string {
  const tokens = expression.match(/\d+|\$?\{?\w+\}?|[-+*/%()]/gu) ?? [];
  let at = 0;
  const atom = (depth: number): number => {
    const token = tokens[at++] ?? '';
    if (token === '(' && depth < 50) {
      const value = sum(depth + 1);
      at++;
      return value;
    }
    const text = /^\d+$/u.test(token) ? token : variable(token.replace(/[${}]/gu, ''));
    return /^\d{1,15}$/u.test(text) ? Number(text) : Number.NaN;
  };
  const product = (depth: number): number => {
    let value = atom(depth);
    while ('*/%'.includes(tokens[at] ?? 'x')) {
      const operator = tokens[at++];
      const right = atom(depth);
      value = operator === '*' ? value * right : operator === '/' ? Math.trunc(value / right) : value % right;
    }
    return value;
  };
  const sum = (depth: number): number => {
    let value = product(depth);
    while ('+-'.includes(tokens[at] ?? 'x')) value += tokens[at++] === '+' ? product(depth) : -product(depth);
    return value;
  };
  const value = sum(0);
  return Number.isSafeInteger(value) && at >= tokens.length ? String(value) : UNKNOWN;
}
