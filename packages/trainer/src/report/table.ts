import { requireArgument } from '@polymodal/core';
import { escapeHtml } from './html';

/** A value in a table: text, a number, or HTML of your own. */
export type Cell = string | number | { readonly html: string };

/**
 * A table with a heading for each column. The first column is aligned to the left, the others to the right.
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
  const head = columns.map((column) => `<th scope="col">${escapeHtml(column)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${cellHtml(cell)}</td>`).join('')}</tr>`).join('\n');
  const title = caption === undefined ? '' : `<caption>${escapeHtml(caption)}</caption>`;
  return `<div class="scroll"><table>${title}<thead><tr>${head}</tr></thead>\n<tbody>${body}</tbody></table></div>`;
}

function cellHtml(cell: Cell): string {
  return typeof cell === 'object' ? cell.html : escapeHtml(cell);
}
