/** The parts that a plan's sections and charts fall into, by their ids: the same on every page that shows them. */
export interface Chapter {
  readonly id: string;
  readonly title: string;
}

export const CHAPTERS: readonly Chapter[] = [
  { id: 'plan', title: 'Plan' },
  { id: 'fabric', title: 'Fabric' },
  { id: 'hot', title: 'Hot paths' },
  { id: 'traffic', title: 'Traffic' },
  { id: 'step', title: 'Step' },
  { id: 'risk', title: 'Risk' },
  { id: 'economy', title: 'Economy' },
  { id: 'scaling', title: 'Scaling' },
];

const OF: Readonly<Record<string, string>> = {
  fabric: 'fabric',
  alternatives: 'fabric',
  placement: 'fabric',
  behaves: 'hot',
  operations: 'hot',
  'hot-links': 'hot',
  'hot-paths': 'hot',
  curve: 'hot',
  traffic: 'traffic',
  scopes: 'traffic',
  capital: 'economy',
  energy: 'economy',
  sensitivity: 'economy',
  'build-out': 'economy',
};

/** Chapter of a section or a chart: by its id, or by what its id begins with. */
export function chapterOf(id: string): string {
  const known = OF[id] ?? id.split('-')[0]!;
  return CHAPTERS.some((c) => c.id === known) ? known : 'plan';
}
