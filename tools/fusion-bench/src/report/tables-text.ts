import { cellText, type MethodTable } from './method-table';

/** A table for the terminal. */
export function tableText({ title, columns, rows, format }: MethodTable): string {
  const lines = linesOf({ columns, rows, format });
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const text = lines.map((line) =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  '),
  );
  return [title, ...text.map((line) => `  ${line}`)].join('\n');
}

/** A table for a guide, in Markdown. */
export function tableMarkdown({ columns, rows, format }: MethodTable): string {
  const [head, ...body] = linesOf({ columns, rows, format }).map((line) => `| ${line.join(' | ')} |`);
  return [head, `| --- |${' ---: |'.repeat(columns.length)}`, ...body].join('\n');
}

function linesOf({ columns, rows, format }: Omit<MethodTable, 'title'>): string[][] {
  return [
    ['method', ...columns],
    ...rows.map(([method, ...cells]) => [method, ...cells.map((cell) => cellText(cell, format))]),
  ];
}
