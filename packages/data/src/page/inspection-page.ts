import { basename } from 'node:path';
import { type Cell, type Section, table, writeReport } from '@polymodal/trainer';
import { imbalance } from '../inspect/imbalance';
import type { Counts, InspectedValue, Inspection, TargetFigures } from '../inspect/inspection';
import { readersText, totalOf, verdict } from '../inspect/inspection-text';
import type { LengthSummary } from '../inspect/length-summary';
import type { RepeatedContents } from '../inspect/repeated-content';
import { textOf } from '../inspect/text-of';
import { pngCell } from './picture-png';

/** Classes, faults and letters that are shown. */
const mostRows = 50;
const mostLetters = 300;

/**
 * Writes an inspection as a page that needs nothing else: no network, no script. Samples are shown with the pictures, spectrograms and texts
 * that the inspection has of them.
 *
 * ```ts
 * const inspection = await inspectManifest(products, { viewers: { photo: pictureViewer, review: soundViewer } });
 * await writeInspection('products.html', inspection);
 * ```
 *
 * @param more sections that stand behind its own: what `augmentedSection` makes, say
 * @throws ConfigError for a path where there is another file; StorageError if the file system refuses
 */
export async function writeInspection(
  path: string,
  inspection: Inspection,
  more: readonly Section[] = [],
): Promise<void> {
  await writeReport(path, {
    title: `${basename(inspection.name)}: ${inspection.samples} samples`,
    sections: [...inspectionSections(inspection), ...more],
  });
}

/** An inspection as sections of a report. */
export function inspectionSections(inspection: Inspection): Section[] {
  const { samples, parts, modalities, combinations, targets, duplicates, leaks } = inspection;
  const present = Object.fromEntries(Object.entries(modalities).map(([slot, own]) => [slot, own.present]));
  const lengths = Object.entries(modalities).flatMap(([slot, own]) =>
    own.lengths.map((summary): Cell[] => [slot, summary.unit, ...summaryCells(summary)]),
  );
  const columns = inspection.columns.map((own): Cell[] => [
    own.column,
    `${own.kind}: ${own.why}`,
    `${own.present} of ${own.rows}`,
    readersText(own),
  ]);
  const sections: Section[] = [
    { heading: 'Columns', html: table(['column', 'what it is', 'filled', 'read by'], columns) },
    {
      heading: 'Modalities',
      html: countTable('modality', { counts: present, imbalance: imbalance(present) }, samples),
    },
    { heading: 'Combinations', html: countTable('combination', combinations, samples) },
  ];
  if (lengths.length > 0)
    sections.push({ heading: 'Lengths', html: table(['modality', 'of', ...summaryHeads], lengths) });
  for (const [name, own] of Object.entries(targets))
    sections.push({ heading: `Target ${name}`, html: targetTables(own) });
  if (Object.keys(parts).length > 1) {
    sections.push({ heading: 'Parts', html: table(['part', 'samples'], Object.entries(parts)) });
    sections.push({ heading: 'In more than one part', html: repeatedTable(leaks) });
  }
  sections.push({ heading: 'Duplicates', html: repeatedTable(duplicates) }, faultSection(inspection));
  return inspection.examples.length > 0 ? [...sections, exampleSection(inspection)] : sections;
}

function targetTables({ present, classes, labels, values, lengths = [] }: TargetFigures): string {
  const summaries = [...(values ? [values] : []), ...lengths];
  const rows = summaries.map((own): Cell[] => [own.unit, own.count, ...summaryCells(own)]);
  const said = [
    ...(rows.length > 0 ? [table(['of', 'values', ...summaryHeads], rows)] : []),
    ...(classes ? [countTable('class', classes, present)] : []),
    ...(labels ? [countTable('label', labels, totalOf(labels))] : []),
  ];
  return said.length > 0 ? said.join('') : table(['samples'], [[present]]);
}

function countTable(heading: string, { counts, imbalance: share }: Counts, of: number): string {
  const entries = Object.entries(counts);
  const rows = entries
    .slice(0, mostRows)
    .map(([name, count]): Cell[] => [name, count, percent(of === 0 ? 0 : count / of)]);
  const more: Cell[][] = entries.length > mostRows ? [[`… and ${entries.length - mostRows} more`, '', '']] : [];
  return `${note(verdict(share))}${table([heading, 'samples', 'share'], [...rows, ...more])}`;
}

const summaryHeads = ['least', 'median', 'mean', '95 % up to', 'most'];

function summaryCells({ least, median, mean, p95, most }: LengthSummary): Cell[] {
  return [least, median, mean, p95, most].map((value) => Number(value.toPrecision(4)));
}

/** Words beside a table, which may be wider than it is. */
function note(words: string): string {
  return `<p class="note">${words}</p>`;
}

function repeatedTable({ count, first }: RepeatedContents): string {
  const rows = first.map(({ slot = 'whole sample', parts, places, count: own }): Cell[] => [
    places.join(' = '),
    slot,
    parts.join(', '),
    own,
  ]);
  if (count === 0) return note('None.');
  return `${note(`${count} samples beyond the first of each.`)}${table(['where', 'what', 'parts', 'samples'], rows)}`;
}

function faultSection({ badRows, unreadable, remarks }: Inspection): Section {
  const told = [...badRows.first, ...unreadable.first].slice(0, mostRows).map(({ message }): Cell[] => [message]);
  const rows = [...told, ...remarks.map((remark): Cell[] => [remark])];
  const counts = note(`${badRows.count} bad rows, ${unreadable.count} samples with a file that cannot be read.`);
  return { heading: 'Faults', html: `${counts}${rows.length > 0 ? table(['fault'], rows) : ''}` };
}

function exampleSection({ examples, modalities, targets }: Inspection): Section {
  const [slots, names] = [Object.keys(modalities), Object.keys(targets)];
  const rows = examples.map(({ where, targets: own, values }): Cell[] => [
    where,
    ...slots.map((slot) => valueCell(values[slot])),
    ...names.map((name) => shortened(own[name] === undefined ? '' : textOf(own[name]))),
  ]);
  return { heading: 'Samples', html: table(['where', ...slots, ...names], rows) };
}

function valueCell(value: InspectedValue | undefined): Cell {
  if (value === undefined) return '';
  if ('png' in value) return pngCell(value.png, 'max-width: 9em');
  return shortened(value.text);
}

function shortened(text: string): string {
  return text.length > mostLetters ? `${text.slice(0, mostLetters)}…` : text;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
