import { requireArgument } from '@polymodal/core';
import { escapeHtml } from './html';

/**
 * A confusion matrix: rows are what is true, columns what was predicted.
 *
 * ```ts
 * const html = confusionMatrix(['ripe', 'unripe'], [[40, 2], [5, 53]]); // for a section of `writeReport`
 * ```
 *
 * @param labels names of the classes
 * @param counts `counts[true][predicted]`
 */
export function confusionMatrix(labels: readonly string[], counts: readonly (readonly number[])[]): string {
  requireArgument(Array.isArray(labels), 'confusionMatrix', 'a list of labels', labels);
  const isSquare = Array.isArray(counts) && labels.every((_, row) => counts[row]?.length === labels.length);
  requireArgument(isSquare, 'confusionMatrix', `${labels.length} rows of ${labels.length} counts`, counts);
  const head = labels.map((label) => `<th scope="col">${escapeHtml(label)}</th>`).join('');
  const body = labels.map((label, truth) => {
    const total = counts[truth].reduce((sum, count) => sum + count, 0);
    const cells = counts[truth].map((count) => cell(count, total));
    return `<tr><th scope="row">${escapeHtml(label)}</th>${cells.join('')}</tr>`;
  });
  const caption = '<caption>Rows: true. Columns: predicted. Shade: share of the row.</caption>';
  return `<div class="scroll"><table class="matrix">${caption}<thead><tr><th></th>${head}</tr></thead>
<tbody>${body.join('\n')}</tbody></table></div>`;
}

function cell(count: number, total: number): string {
  if (count === 0) return '<td></td>';
  return `<td style="background: rgba(var(--heat), ${(0.08 + (0.5 * count) / total).toFixed(2)})">${count}</td>`;
}
