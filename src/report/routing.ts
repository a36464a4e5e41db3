import type { Plan } from '../plan/types.ts';
import type { Section } from './types.ts';
export function routingSections(_plan: Plan): Section[] { return []; }
export function checkSection(_plan: Plan): Section[] { return []; }
