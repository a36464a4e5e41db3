/**
 * A result as people read it: sections of rows, made once. Terminal, HTML and web only draw them; no
 * arithmetic happens after this point.
 */
export type Unit =
  | 'count'
  | 'bytes'
  | 'rate'
  | 'seconds'
  | 'ratio'
  | 'percent'
  | 'money'
  | 'power'
  | 'energy'
  | 'mass'
  | 'flop'
  | 'plain';

export interface Quantity {
  readonly value: number;
  readonly unit: Unit;
}

export type Cell = string | Quantity | null;

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

export interface Section {
  readonly id: string;
  readonly title: string;
  /** Empty titles: a list of label and value. */
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** Sentences under the table. */
  readonly notes: readonly string[];
}

export const left = (title = ''): Column => ({ title, align: 'left' });
export const right = (title = ''): Column => ({ title, align: 'right' });
export const quantity = (value: number, unit: Unit): Quantity => ({ value, unit });
