import type { Plan } from '../plan/types.ts';
import { askedSection, assumedSections, trafficSection } from './asked.ts';
import { economySections } from './economy.ts';
import { fabricSections } from './fabric.ts';
import { profileSections } from './profile.ts';
import { riskSections } from './risk.ts';
import { checkSection, routingSections } from './routing.ts';
import { stepSections } from './step.ts';
import { summarySection } from './summary.ts';
import type { Section } from './types.ts';

/**
 * The page that an architect forwards: the whole in short, what was asked, what it says to the network, what was
 * designed, how that behaves, what routing gained, how it trains, breaks and costs, and what was assumed: all of it, or
 * only what nobody measured or published.
 */
export function planSections(plan: Plan, assumed: 'all' | 'unsourced' = 'all'): Section[] {
  return [
    summarySection(plan),
    askedSection(plan),
    ...fabricSections(plan),
    trafficSection(plan),
    ...profileSections(plan),
    ...routingSections(plan),
    ...stepSections(plan),
    ...riskSections(plan),
    ...economySections(plan),
    ...checkSection(plan),
    ...assumedSections(plan, assumed),
  ];
}
