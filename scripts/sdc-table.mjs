/**
 * The tables of the SDC lab that come with the catalog, made again: `node scripts/sdc-table.mjs` (minutes on one core)
 * after `npm run build`; `--quick` makes only the small one, which the tests compare.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const file = path.join(root, 'catalog/published/sdc-lab.yaml');
const load = (name) => import(pathToFileURL(path.join(root, 'dist', name)).href);

const { runLab, SIZES } = await load('sdc/lab.js');
const { serialise } = await load('numeric/serialise.js');
const { parse } = await import('yaml');

const context = { cancelled: () => false, progress: ({ note }) => process.stderr.write(`${note}\n`) };
const known = fs.existsSync(file) ? parse(fs.readFileSync(file, 'utf8')) : [];
const full = process.argv.includes('--quick')
  ? known.find((e) => e.id === 'sdc-lab')?.value
  : runLab(SIZES.full, 1, context);
const tables = { 'sdc-lab.quick': runLab(SIZES.quick, 1, context), ...(full && { 'sdc-lab': full }) };

const entries = Object.entries(tables).map(([id, value]) => {
  const { rows, ...rest } = value;
  const head = Object.entries(rest).map(([key, v]) => `    ${key}: ${serialise(v)}`);
  return [
    `- id: ${id}`,
    '  value:',
    ...head,
    '    rows:',
    ...rows.map((row) => `      - ${serialise(row)}`),
    '  unit: runs; steps',
    `  source: planewright sdc-lab${id.endsWith('quick') ? ' --quick' : ''}, seed ${value.seed}, made by scripts/sdc-table.mjs`,
    "  date: '2026'",
    '  confidence: measured',
    '  note: a toy model; shows what a detector can see, not how often a fleet would',
    '',
  ].join('\n');
});
fs.writeFileSync(
  file,
  `# Made by scripts/sdc-table.mjs: silent corruption in a toy training, which detectors saw it and how late.\n\n${entries.join('\n')}`,
);
