import type { Plan } from '../plan/types.ts';
import { askedSection, assumedSections, trafficSection } from './asked.ts';
import { economySections } from './economy.ts';
import { fabricSections } from './fabric.ts';
import { profileSections } from './profile.ts';
import { riskSections } from './risk.ts';
import { checkSection, routingSections } from './routing.ts';
import { stepSections } from './step.ts';
import type { Section } from './types.ts';

/**
 * The page that an architect forwards: what was asked, what it says to the network, what was designed, how that
 * behaves, what routing gained, how long a step takes, and what was assumed.
 */
export function planSections(plan: Plan): Section[] {
  return [
    askedSection(plan),
    ...fabricSections(plan),
    trafficSection(plan),
    ...profileSections(plan),
    ...routingSections(plan),
    ...stepSections(plan),
    ...riskSections(plan),
    ...economySections(plan),
    ...checkSection(plan),
    ...assumedSections(plan),
  ];
}
