import { imbalance, imbalanceGuide } from './imbalance';
import type { InspectedColumn } from './inspect-columns';
import type { Counts, Inspection } from './inspection';
import type { LengthSummary } from './length-summary';
import type { RepeatedContents } from './repeated-content';

/** Classes that are listed. */
const mostListed = 12;

/** An inspection as lines to be read on a terminal. */
export function inspectionText(inspection: Inspection): string {
  const { name, samples, parts, columns, modalities, combinations, targets, duplicates, leaks } = inspection;
  const { unreadable, badRows, remarks } = inspection;
  const present = Object.fromEntries(Object.entries(modalities).map(([slot, own]) => [slot, own.present]));
  const lines = [`${name}: ${samples} samples`];
  if (Object.keys(parts).length > 1) lines.push(`  parts: ${listed(parts)}`);
  lines.push('', 'columns', ...columnLines(columns));
  lines.push('', 'modalities', ...countLines(present, samples), `  ${verdict(imbalance(present))}`);
  for (const [slot, { lengths }] of Object.entries(modalities)) {
    for (const summary of lengths) lines.push(`  ${slot}: ${summaryText(summary)}`);
  }
  lines.push('', 'combinations', ...countLines(combinations.counts, samples), `  ${verdict(combinations.imbalance)}`);
  for (const [target, { present: count, classes, labels, values, lengths = [] }] of Object.entries(targets)) {
    lines.push('', `target ${target}: ${count} of ${samples} samples`);
    for (const summary of [...(values ? [values] : []), ...lengths]) lines.push(`  ${summaryText(summary)}`);
    if (classes) lines.push(...classLines(classes, count));
    if (labels) lines.push('  of all labels', ...classLines(labels, totalOf(labels)));
  }
  lines.push('', 'faults', `  bad rows: ${badRows.count}`, `  unreadable: ${unreadable.count}`);
  lines.push(`  duplicates: ${repeatedText(duplicates)}`);
  if (Object.keys(parts).length > 1) lines.push(`  in more than one part: ${repeatedText(leaks)}`);
  for (const { message } of [...badRows.first, ...unreadable.first].slice(0, mostListed)) lines.push(`  ${message}`);
  if (remarks.length > 0) lines.push('', ...remarks.map((remark) => `note: ${remark}`));
  return lines.join('\n');
}

/** What (max − min) / max says. */
export function verdict(share: number): string {
  const guide = `the guide is at most ${100 * imbalanceGuide} %`;
  return `imbalance (max − min) / max: ${(100 * share).toFixed(1)} %${share > imbalanceGuide ? `; ${guide}` : ''}`;
}

/** Least, median, mean, 95 of 100, most. */
function summaryText({ unit, least, median, mean, p95, most }: LengthSummary): string {
  const figures = [least, median, mean, p95, most].map((value) => String(Number(value.toPrecision(4))));
  return `${unit} ${figures[0]} to ${figures[4]}, median ${figures[1]}, mean ${figures[2]}, 95 % up to ${figures[3]}`.trim();
}

/** Who reads a column, and what may be amiss with that. */
export function readersText({ readBy, remark }: InspectedColumn): string {
  return [readBy.join(', '), remark].filter(Boolean).join('; ') || '–';
}

/** The first, and all of which there is something to be said. */
function columnLines(columns: readonly InspectedColumn[]): string[] {
  const told = columns.filter(({ remark }, place) => place < mostListed || remark !== undefined);
  const width = (texts: readonly string[]) => Math.max(0, ...texts.map((text) => text.length));
  const filled = ({ present, rows }: InspectedColumn) => `${present} of ${rows}`;
  const widths = [told.map(({ column }) => column), told.map(({ kind }) => kind), told.map(filled)].map(width);
  const lines = told.map((own) => {
    const cells = [own.column.padEnd(widths[0]), own.kind.padEnd(widths[1]), filled(own).padStart(widths[2])];
    return `  ${cells.join('  ')}  ${readersText(own)}`;
  });
  return told.length < columns.length ? [...lines, `  … and ${columns.length - told.length} more`] : lines;
}

function countLines(counts: Readonly<Record<string, number>>, of: number): string[] {
  const entries = Object.entries(counts);
  const width = Math.max(0, ...entries.map(([name]) => name.length));
  const shown = entries.slice(0, mostListed).map(([name, count]) => {
    const share = of === 0 ? 0 : count / of;
    return `  ${name.padEnd(width)} ${String(count).padStart(8)} ${(100 * share).toFixed(1).padStart(6)} %`;
  });
  return entries.length > mostListed ? [...shown, `  … and ${entries.length - mostListed} more`] : shown;
}

function classLines({ counts, imbalance: share }: Counts, of: number): string[] {
  return [...countLines(counts, of), `  ${verdict(share)}`];
}

/** How many there are in all. */
export function totalOf({ counts }: Counts): number {
  return Object.values(counts).reduce((sum, own) => sum + own, 0);
}

function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

function repeatedText({ count, first }: RepeatedContents): string {
  const told = first
    .slice(0, 3)
    .map(({ places, slot }) => `${slot === undefined ? '' : `${slot}: `}${places.join(' = ')}`);
  return [String(count), ...told.map((text) => `\n    ${text}`)].join('');
}
