import { shorten } from '../../report/charts/kit.ts';
import { formatCell } from '../../report/terminal.ts';
import type { Cell, Section } from '../../report/types.ts';
import { saveCsv } from '../save.ts';

/** Rows that a table shows at once; its CSV has all. */
const SHOWN = 200;
/** Characters of a cell that are shown; its CSV has all. */
const LONGEST = 400;
const textOf = (cell: Cell): string => shorten(formatCell(cell), LONGEST);

/** Names of this many letters stay on one line. */
const NAME = 16;

function classOf(cell: Cell, align: string): string {
  const isName = typeof cell === 'string' && cell.length <= NAME && !cell.includes(' ');
  return isName ? `${align} name` : align;
}

interface Props {
  readonly section: Section;
  /** Makes rows into choices. */
  readonly onRow?: (row: number) => void;
  readonly rowTitle?: string;
}

/** A section of the report as a table. */
export function SectionTable({ section, onRow, rowTitle }: Props) {
  const { columns, rows, notes, title } = section;
  const titled = columns.some((c) => c.title !== '');
  const shown = rows.slice(0, SHOWN);
  return (
    <section class="section" data-section={section.id}>
      <div class="section-head">
        <h2>{shorten(title, LONGEST)}</h2>
        <button type="button" class="quiet" onClick={() => saveCsv(section)} aria-label={`CSV of ${title}`}>
          CSV
        </button>
      </div>
      {rows.length > 0 && (
        // A wide table scrolls within itself, by keyboard too.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable
        <section class="table-wrap" tabIndex={0} aria-label={title}>
          <table>
            {titled && (
              <thead>
                <tr>
                  {columns.map((c, i) =>
                    // A header without a name is no header.
                    c.title === '' ? (
                      <td key={i} />
                    ) : (
                      <th key={i} class={c.align} scope="col">
                        {c.title}
                      </th>
                    ),
                  )}
                </tr>
              </thead>
            )}
            <tbody>
              {shown.map((row, r) => (
                <tr key={r}>
                  {row.map((cell, i) => (
                    <td key={i} class={classOf(cell, columns[i]?.align ?? 'left')}>
                      {i === 0 && onRow !== undefined ? (
                        <button type="button" class="link" title={rowTitle} onClick={() => onRow(r)}>
                          {textOf(cell)}
                        </button>
                      ) : (
                        textOf(cell)
                      )}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {rows.length > SHOWN && (
        <p class="note">{`The first ${SHOWN} of ${rows.length} rows; the CSV has all.`}</p>
      )}
      {notes.map((note) => (
        <p class="note" key={note}>
          {note}
        </p>
      ))}
    </section>
  );
}
