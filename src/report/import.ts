import type { FabricFindings } from '../fabric/types.ts';
import { formatLineRate } from '../units/format.ts';
import { type Cell, left, quantity, right, type Section } from './types.ts';

/** What an imported file turned out to hold: counts, rates, rails, and all that is uneven or special. */
export function importSections(found: FabricFindings): Section[] {
  return [shape(found), rates(found), oddities(found)];
}

function shape({ summary, rails }: FabricFindings): Section {
  const layers = `${summary.layers} layers`;
  const planes = summary.planes === 1 ? '1 plane' : `${summary.planes} planes`;
  const rows: Cell[][] = [
    ['endpoints', quantity(summary.endpoints, 'count')],
    ['hosts', quantity(summary.hosts, 'count')],
    ['leaves', quantity(summary.leaves, 'count')],
    ['spines', quantity(summary.spines, 'count')],
  ];
  if (summary.cores > 0) rows.push(['cores', quantity(summary.cores, 'count')]);
  rows.push(
    ['links between switches', quantity(summary.interSwitchLinks, 'count')],
    ['cables', quantity(summary.cables, 'count')],
    ['rails', quantity(rails.count, 'count')],
  );
  const notes = [
    summary.regular
      ? 'Regular: every leaf is cabled alike.'
      : 'Irregular: cables are missing, slow or uneven.',
  ];
  if (rails.count > 1) {
    const how = rails.wired ? 'leaves that serve one NIC of each host' : 'the position of a NIC in its host';
    notes.push(`A rail is ${how}; endpoints by rail: ${rails.sizes.join(', ')}.`);
  }
  if (summary.planes > 1 && summary.perPlane.some((p) => p.endpoints !== summary.perPlane[0]!.endpoints))
    notes.push(`Endpoints by plane: ${summary.perPlane.map((p) => p.endpoints).join(', ')}.`);
  return {
    id: 'imported',
    title: `Found: ${planes} of ${layers}`,
    columns: [left(), right()],
    rows,
    notes,
  };
}

function rates({ rates }: FabricFindings): Section {
  return {
    id: 'rates',
    title: 'Usual rate of a cable',
    columns: [left('between'), right('rate'), right('cables')],
    rows: rates.map((r): Cell[] => [r.between, formatLineRate(r.rate), quantity(r.cables, 'count')]),
    notes: [],
  };
}

/** A row a kind, and under it a row an example: names are long. */
function oddities({ findings }: FabricFindings): Section {
  return {
    id: 'findings',
    title: 'Uneven, missing or special',
    columns: [right('count'), left('what, and the first few')],
    rows: findings.flatMap((f): Cell[][] => [
      [quantity(f.count, 'count'), f.title],
      ...f.examples.map((e): Cell[] => ['', `  ${e}`]),
      ...(f.count > f.examples.length ? [['', '  ...']] : []),
    ]),
    notes: findings.length === 0 ? ['Nothing: every cable is where most of its kind are.'] : [],
  };
}
