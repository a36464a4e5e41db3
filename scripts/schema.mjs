/**
 * The schemas that are published in schema/: of the spec, for editors, from the built spec room; of the plan and of
 * what search, advise and scale add, for the tools that read them, from their types. `--check` only says whether the committed files are what the sources make.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { writeIfChanged } from './files.mjs';
import { schemaOfType } from './plan-schema.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** What commands print as JSON: name of the schema, where its type is, its title. */
const PLANS = [
  ['plan', 'src/plan/types.ts', 'Plan', 'plan'],
  ['search', 'src/search/types.ts', 'PlanWithSearch', 'plan with search'],
  ['advice', 'src/advise/types.ts', 'PlanWithAdvice', 'plan with advice'],
  ['scaling', 'src/scaling/types.ts', 'ScalingReport', 'scaling'],
];

async function schemas() {
  const { specJsonSchema } = await import(pathToFileURL(path.join(root, 'dist/spec/json-schema.js')).href);
  return {
    'schema/spec.schema.json': specJsonSchema(),
    ...Object.fromEntries(
      PLANS.map(([name, file, type, title]) => [
        `schema/${name}.schema.json`,
        schemaOfType(root, file, type, `Planewright ${title}, version 1`),
      ]),
    ),
  };
}

export async function writeSchema() {
  for (const [file, schema] of Object.entries(await schemas())) {
    writeIfChanged(path.join(root, file), `${JSON.stringify(schema, null, 2)}\n`);
  }
}

async function main() {
  if (!process.argv.includes('--check')) return writeSchema();
  for (const [file, schema] of Object.entries(await schemas())) {
    const committed = path.join(root, file);
    const text = fs.existsSync(committed) ? fs.readFileSync(committed, 'utf8') : null;
    if (text === `${JSON.stringify(schema, null, 2)}\n`) continue;
    process.stderr.write(`${file} is not what the sources make; \`npm run build\` writes it\n`);
    process.exitCode = 1;
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
