import type { Section } from '../types.ts';
import type { Shape } from './shape.ts';

/** A picture with what it says in words, and the numbers that it was drawn from. */
export interface Chart {
  readonly id: string;
  readonly title: string;
  /** For who cannot see it: what there is to see. */
  readonly summary: string;
  readonly picture: Shape;
  readonly table: Section;
}
