/**
 * Which room may import which: data flows one way. Checked by `npm run check`; ARCHITECTURE.md says why.
 * A room imports from itself and from rooms of lower floors; rooms on one floor do not know each other.
 */
const floors = [
  ['base', 'units', 'numeric'],
  ['catalog'],
  ['spec'],
  ['workload'],
  ['traffic'],
  ['fabric'],
  ['routes'],
  ['fluid'],
  ['flow'],
  ['profile'],
  ['routing'],
  ['simulate'],
  ['step'],
  ['risk'],
  ['economy'],
  ['plan'],
  ['search'],
  ['advise', 'scaling', 'sweep', 'calibrate', 'inspect', 'sdc'],
  ['validate'],
  ['report'],
  ['server', 'web'],
  ['cli'],
];

/** The shared kernels may use one another; above them a room is alone on its floor. */
const kernels = 'base|units|numeric';
const room = (names) => `^src/(${names})/`;
const apps = 'cli|server|web';

/** A type anybody may name, although its room is above: the shape that every room's own list has. */
const offered = '^src/validate/types\\.ts$';
/** Named by the context and the catalog's own readers, types alone, so that they can be handed in. */
const handedIn = '^src/(catalog/types|numeric/solver)\\.ts$';

const upward = floors.flatMap((floor, level) =>
  floor.map((name) => {
    const above = floors
      .slice(level)
      .flat()
      .filter((other) => other !== name);
    const forbidden = kernels.split('|').includes(name) ? above.filter((o) => !kernels.includes(o)) : above;
    return {
      name: `${name}-imports-only-from-below`,
      severity: 'error',
      comment: `src/${name} imports a room that is not below it (see floors in .dependency-cruiser.cjs)`,
      from: { path: room(name) },
      to: {
        path: room([...forbidden, 'formats'].filter((o) => !mayUseFormats(name, o)).join('|')),
        pathNot: name === 'base' ? [offered, handedIn] : [offered],
      },
    };
  }),
);

/** Formats read and write files for those who talk to the outside. */
function mayUseFormats(from, to) {
  return (
    to === 'formats' &&
    [
      'plan',
      'search',
      'advise',
      'scaling',
      'sweep',
      'calibrate',
      'inspect',
      'report',
      'validate',
      ...apps.split('|'),
    ].includes(from)
  );
}

module.exports = {
  forbidden: [
    ...upward,
    {
      name: 'base-takes-types-only',
      severity: 'error',
      comment: 'src/base may name types of the catalog, never run its code',
      from: { path: room('base') },
      to: { path: '^src/catalog/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'validation-case-is-a-type',
      severity: 'error',
      comment: 'below validate only its types may be named',
      from: { path: '^src/', pathNot: room(`validate|report|${apps}`) },
      to: { path: offered, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'formats-stand-beside-the-fabric',
      severity: 'error',
      comment:
        'a format knows fabrics and routes, and names types of the catalog, of traffic, of routing and of risk',
      from: { path: room('formats') },
      to: {
        path: '^src/',
        pathNot: [
          room(`formats|${kernels}|fabric|routes`),
          '^src/(catalog|traffic|routing|risk)/types\\.ts$',
        ],
      },
    },
    {
      name: 'types-come-from-types-files',
      severity: 'error',
      comment: "another room's types are named from its types.ts, where the seams are kept",
      from: { path: '^src/([^/]+)/', pathNot: [room(apps), '/index\\.ts$', '\\.test\\.ts$'] },
      to: {
        path: '^src/[^/]+/',
        pathNot: ['^src/$1/', room(kernels), '^src/[^/]+/types\\.ts$'],
        dependencyTypes: ['type-only'],
      },
    },
    {
      name: 'nothing-imports-an-application',
      severity: 'error',
      comment: 'cli, server and web are tops: what two of them need belongs below',
      from: { path: `^(src|bench)/`, pathNot: room(apps) },
      to: { path: room(apps) },
    },
    {
      name: 'doors-are-for-visitors',
      severity: 'error',
      comment: 'index.ts is the public door of a room; inside the house import the file itself',
      from: { path: '^src/', pathNot: ['^src/index\\.ts$'] },
      to: { path: '/index\\.ts$' },
    },
    {
      name: 'no-tests-in-the-product',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$' },
      to: { path: ['\\.test\\.ts$', '^(test|bench)/'] },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'a module that imports nothing and is imported by nothing is forgotten',
      from: { orphan: true, path: '^src/', pathNot: ['/index\\.ts$', '\\.test\\.ts$'] },
      to: {},
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-development-packages-in-the-product',
      severity: 'error',
      comment: 'the page is built with what it uses, so that nothing of it is installed with the package',
      from: { path: '^src/', pathNot: ['\\.test\\.ts$', room('web')] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|\\.planewright)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
