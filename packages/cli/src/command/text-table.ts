/**
 * Columns beside one another: texts to the left, numbers to the right.
 *
 * @param rows of equal length; the first is the head
 */
export function textTable(rows: readonly (readonly (string | number)[])[]): string {
  const texts = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en') : cell)));
  const widths = texts[0].map((_, column) => Math.max(...texts.map((row) => row[column].length)));
  const isNumeric = texts[0].map((_, column) => rows.slice(1).every((row) => typeof row[column] === 'number'));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (isNumeric[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column])));
  return texts.map((row) => line(row).join('  ').trimEnd()).join('\n');
}
