import { setImmediate as turn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Context } from '../base/context.ts';
import { withIdentities } from '../fabric/identities.ts';
import type { Fabric, IdentifiedFabric } from '../fabric/types.ts';
import { BACKUP_CSV_HEADER, backupCsv } from '../formats/backup-csv.ts';
import { lftTextSize, writeOpensmLft } from '../formats/opensm-lft.ts';
import { backupsInTurn } from '../plan/route-job.ts';
import type { NextHops, TableRoutes } from '../routes/types.ts';
import { type Backup, BackupTally, singleFailures, tablesOfBackup } from '../routing/backups.ts';
import type { BackupSummary, TableChoices } from '../routing/types.ts';
import { expectValue } from './fabric-input.ts';
import { type OutputFile, writeFolderInTurn } from './output.ts';

/** All tables together, before gzip, up to which each failure gets whole tables; beyond, the changed entries only. */
const MOST_TEXT = 4e9;

export interface BackupInput {
  readonly fabric: Fabric;
  readonly hops: NextHops;
  readonly byOffset: readonly TableRoutes[];
  readonly lmc: number;
  readonly valleys: TableChoices['valleys'];
}

/** What was written, and sentences on it. */
export interface WrittenBackups {
  readonly summaries: readonly BackupSummary[];
  readonly notes: readonly string[];
}

/**
 * Writes the tables for every single failure into a folder, gzipped, a file each; on large fabrics one file with the
 * entries that each failure changes.
 */
export async function writeBackups(
  folder: string,
  input: BackupInput,
  context: Context,
): Promise<WrittenBackups> {
  const identified = expectValue(withIdentities(input.fabric, { lmc: input.lmc }));
  const failures = singleFailures(input.fabric).length;
  const whole = failures * lftTextSize(identified) <= MOST_TEXT;
  const tally = new BackupTally();
  // Ctrl-C is heard between two of them.
  const each = backupsInTurn(input, input.byOffset, tally, { ...context, pause: async () => turn() });
  const files = whole ? tableFiles(each, identified, input) : changeFile(each, identified);
  const written = expectValue(await writeFolderInTurn(folder, files));
  const notes = whole
    ? [
        `${written.length} files of tables in ${folder}; the names say which part failed. docs/routing.md says who loads them.`,
      ]
    : [
        `Whole tables would be ${failures} large files: ${written[0]} lists the entries that each failure changes; planewright route --tables LFTS --without PART --repair even makes the tables of one.`,
      ];
  return { summaries: tally.summaries, notes };
}

async function* tableFiles(
  each: AsyncIterable<Backup>,
  identified: IdentifiedFabric,
  { byOffset, valleys }: BackupInput,
): AsyncGenerator<OutputFile> {
  const taken = new Set<string>();
  for await (const backup of each) {
    const { linkAlive } = backup.damaged;
    const tables = tablesOfBackup(backup, byOffset, valleys);
    // What the failure cuts off is counted, and the same for all: nothing to say a file at a time.
    const text = writeOpensmLft({ ...identified, linkAlive }, tables, { plane: backup.plane, valleys });
    if (!text.ok) expectValue(text);
    else
      yield {
        name: nameOf(identified, backup, taken),
        chunks: [gzipSync(Buffer.concat([...text.value]), { level: 1 })],
      };
  }
}

/** A part's name in letters that every file system takes, and that is not taken yet. */
function nameOf(fabric: Fabric, { part, plane }: Backup, taken: Set<string>): string {
  const plain = `${part.replace(/[^\w.-]+/g, '-')}${fabric.planes > 1 ? `-plane${plane}` : ''}`;
  let name = plain;
  for (let n = 2; taken.has(name); n++) name = `${plain}-${n}`;
  taken.add(name);
  return `${name}.lfts.gz`;
}

async function* changeFile(
  each: AsyncIterable<Backup>,
  identified: IdentifiedFabric,
): AsyncGenerator<OutputFile> {
  // Gzip members one behind the other are one gzip file: what is written need not be held as text.
  const members: Uint8Array[] = [];
  let text = BACKUP_CSV_HEADER;
  const close = (): void => {
    members.push(gzipSync(text));
    text = '';
  };
  for await (const { part, repairs } of each) {
    text += backupCsv(
      identified,
      part,
      repairs.map((r) => r.changes),
    );
    if (text.length > MEMBER) close();
  }
  close();
  yield { name: 'changed-entries.csv.gz', chunks: members };
}

/** Characters of a gzip member. */
const MEMBER = 1 << 22;
