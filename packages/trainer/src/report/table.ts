import { requireArgument } from '@polymodal/core';
import { escapeHtml } from './html';

/** A value in a table: text, a number, or HTML of your own. */
export type Cell = string | number | { readonly html: string };

/**
 * A table with a heading for each column. Columns of texts, and the first, are aligned to the left, and broken where they are long; numbers to the right.
 *
 * ```ts
 * const html = table(['subset', 'accuracy'], [['photo', 0.91], ['photo+note', 0.97]]); // for a section of `writeReport`
 * ```
 */
export function table(columns: readonly string[], rows: readonly (readonly Cell[])[], caption?: string): string {
  requireArgument(Array.isArray(columns), 'table', 'a list of headings', columns);
  requireArgument(
    Array.isArray(rows) && rows.every(Array.isArray),
    'table',
    'a list of rows, each a list of cells',
    rows,
  );
  const classes = columns.map((_, place) =>
    place === 0 || rows.some((row) => isText(row[place])) ? ' class="text"' : '',
  );
  const heading = (column: string, place: number) => `<th scope="col"${classes[place]}>${escapeHtml(column)}</th>`;
  const data = (cell: Cell, place: number) => `<td${classes[place] ?? ''}>${cellHtml(cell)}</td>`;
  const head = columns.map(heading).join('');
  const body = rows.map((row) => `<tr>${row.map(data).join('')}</tr>`).join('\n');
  const title = caption === undefined ? '' : `<caption>${escapeHtml(caption)}</caption>`;
  return `<div class="scroll"><table>${title}<thead><tr>${head}</tr></thead>\n<tbody>${body}</tbody></table></div>`;
}

/** Words or pictures, and not a number with its unit. */
function isText(cell: Cell | undefined): boolean {
  if (typeof cell === 'object') return cell.html.startsWith('<img');
  return typeof cell === 'string' && /\p{L}{2}/u.test(cell) && !/^[\d.,]+ \p{L}+$/u.test(cell);
}

function cellHtml(cell: Cell): string {
  return typeof cell === 'object' ? cell.html : escapeHtml(cell);
}
