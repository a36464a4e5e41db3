/** Runs the registered benches, each in a process of its own, and prints one table. See README.md. */
import { fork } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Bench, benches, type Measurement, measure } from './harness.ts';
import { describeMachine, machineLine, type Row, renderTable, summarise } from './table.ts';

const self = fileURLToPath(import.meta.url);

/** Loads every bench file beside this one; each registers its benches. */
async function load(): Promise<readonly Bench[]> {
  const names = fs.readdirSync(path.dirname(self)).filter((name) => /\.bench\.[jt]s$/.test(name));
  for (const name of names.sort()) await import(`./${name}`);
  return benches();
}

function measureApart(bench: Bench, smoke: boolean): Promise<Measurement> {
  return new Promise((resolve, reject) => {
    const args = ['--one', bench.name, ...(smoke ? ['--smoke'] : [])];
    const child = fork(self, args, { serialization: 'advanced' });
    let result: Measurement | null = null;
    child.on('message', (message) => {
      result = message as Measurement;
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (result !== null && code === 0) resolve(result);
      else reject(new Error(`${bench.name}: ended with status ${code}`));
    });
  });
}

async function runAll(chosen: readonly Bench[], smoke: boolean, json: string | undefined): Promise<boolean> {
  const machine = describeMachine();
  console.log(machineLine(machine));
  const rows: Row[] = [];
  let broken = 0;
  for (const bench of chosen) {
    try {
      rows.push(summarise(bench, await measureApart(bench, smoke)));
    } catch (error) {
      broken++;
      console.error(error instanceof Error ? error.message : error);
    }
  }
  console.log(renderTable(rows));
  if (json !== undefined) fs.writeFileSync(json, `${JSON.stringify({ machine, smoke, rows }, null, 2)}\n`);
  // A missed bar is for the reader to judge, since it depends on the machine; a broken bench is a fault.
  console.log(
    `${rows.length} benches ran, ${broken} broken, ${rows.filter((row) => !row.met).length} bars missed`,
  );
  return broken === 0;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      smoke: { type: 'boolean', default: false },
      json: { type: 'string' },
      one: { type: 'string' },
    },
  });
  const all = await load();
  if (values.one !== undefined) {
    const one = all.find((bench) => bench.name === values.one);
    if (one === undefined) throw new Error(`no bench of the name ${values.one}`);
    process.send!(await measure(one, values.smoke));
    return process.disconnect();
  }
  const groups = [...new Set(all.map((bench) => bench.group))];
  const wrong = positionals.filter((group) => !groups.includes(group));
  if (wrong.length > 0) {
    console.error(`no group ${wrong.join(', ')}; there are ${groups.join(', ')}`);
    process.exitCode = 2;
    return;
  }
  const chosen = positionals.length === 0 ? all : all.filter((bench) => positionals.includes(bench.group));
  if (!(await runAll(chosen, values.smoke, values.json))) process.exitCode = 1;
}

await main();
