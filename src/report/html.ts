import { sha256Base64 } from '../numeric/sha256.ts';
import type { ArtefactFile, Evaluation } from '../plan/types.ts';
import { CHAPTERS, chapterOf } from './chapters.ts';
import { escapeXml, svgText } from './charts/shape.ts';
import type { Chart } from './charts/types.ts';
import { keyFigures } from './difference.ts';
import { SCRIPT, STYLE } from './html-parts.ts';
import { pictureFiles } from './pictures.ts';
import { planSections } from './plan.ts';
import { formatCell, formatQuantity } from './terminal.ts';
import type { Cell, Column, Section } from './types.ts';

/** A plan holds no other sizes of itself. */
const SCALING =
  '<p class="note">Not part of a plan: <code>planewright scale SPEC</code>, or Scaling in the page, plans the job on better machines and on more of them.</p>';

/** Nothing runs or shows but what the file itself holds, named by its hash. */
const POLICY = [
  "default-src 'none'",
  `script-src 'sha256-${sha256Base64(SCRIPT)}'`,
  `style-src 'sha256-${sha256Base64(STYLE)}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/**
 * A finished plan with its charts as one file: opens offline, prints, has no engine in it. `link` leads to the same spec
 * in the page, where it can be changed. The same plan is the same bytes.
 */
export function htmlReport(
  evaluation: Evaluation,
  charts: readonly Chart[],
  link: string | null = null,
): string {
  const { plan } = evaluation;
  const title = escapeXml(plan.spec.name);
  const sections = planSections(plan);
  const chapters = CHAPTERS.map(({ id, title: name }) => {
    const inner = [
      ...charts.filter((c) => chapterOf(c.id) === id).map(chartHtml),
      ...(id === 'fabric' ? pictureFiles(evaluation).map(pictureHtml) : []),
      ...sections.filter((s) => chapterOf(s.id) === id).map(sectionHtml),
      ...(id === 'scaling' ? [SCALING] : []),
    ];
    return { id, name, html: inner.join('\n') };
  }).filter((c) => c.html !== '');
  const figures = keyFigures(plan).map(
    (f) => `<div><dt>${escapeXml(f.label)}</dt><dd>${escapeXml(formatQuantity(f.value))}</dd></div>`,
  );
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${title}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    '<header>',
    '<div class="tools"><button type="button" data-do="theme">Light or dark</button></div>',
    `<h1>${title}</h1>`,
    `<p class="note">A plan by Planewright.${link === null ? '' : ` <a href="${escapeXml(link)}">Change it in the page</a> (planewright serve).`}</p>`,
    `<dl class="figures">${figures.join('')}</dl>`,
    `<nav aria-label="Chapters">${chapters.map((c) => `<a href="#${c.id}">${c.name}</a>`).join('')}</nav>`,
    '</header>',
    '<main>',
    ...chapters.map((c) => `<h2 id="${c.id}">${c.name}</h2>\n${c.html}`),
    '</main>',
    `<script>${SCRIPT}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** Rows that a chart's table has in a file that is mailed. */
const MOST_ROWS = 200;

function chartHtml({ title, summary, picture, table }: Chart): string {
  const shown = { ...table, rows: table.rows.slice(0, MOST_ROWS) };
  const more = table.rows.length - shown.rows.length;
  const rest = more > 0 ? `<p class="note">And ${more} more rows: planewright serve.</p>` : '';
  const behind = `<details><summary>Table</summary>${tableHtml(shown)}${rest}</details>`;
  return `<figure><h3>${escapeXml(title)}</h3>${svgText(picture).trim()}<figcaption>${escapeXml(summary)}</figcaption>${behind}</figure>`;
}

/** A picture that is SVG text already, its names escaped where it was made. */
function pictureHtml({ chunks }: ArtefactFile): string {
  return `<figure>${[...chunks].join('').trim()}</figure>`;
}

function tableHtml({ columns, rows }: Section): string {
  if (rows.length === 0) return '';
  const titled = columns.some((c) => c.title !== '');
  const head = titled ? `<thead><tr>${columns.map(headHtml).join('')}</tr></thead>` : '';
  const body = rows.map((row) => `<tr>${row.map((cell, i) => cellHtml(cell, columns[i])).join('')}</tr>`);
  return `<div class="wide"><table>${head}<tbody>${body.join('\n')}</tbody></table></div>`;
}

function sectionHtml(section: Section): string {
  const { id, title, rows, notes } = section;
  const table = tableHtml(section);
  const csv = `<button type="button" data-csv="${escapeXml(id)}" aria-label="CSV of ${escapeXml(title)}">CSV</button>`;
  const said = notes.map((n) => `<p class="note">${escapeXml(n)}</p>`).join('');
  return `<section><h3>${escapeXml(title)} ${rows.length === 0 ? '' : csv}</h3>${table}${said}</section>`;
}

function headHtml({ title, align }: Column): string {
  return title === '' ? '<td></td>' : `<th scope="col" class="${align}">${escapeXml(title)}</th>`;
}

function cellHtml(cell: Cell, column: Column | undefined): string {
  const value = cell === null || typeof cell === 'string' ? '' : ` data-value="${cell.value}"`;
  const side = column?.align === 'right' ? ' class="right"' : '';
  return `<td${side}${value}>${escapeXml(formatCell(cell))}</td>`;
}
