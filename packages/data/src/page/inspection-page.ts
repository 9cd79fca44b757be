import { type Cell, type Section, table, writeReport } from '@polymodal/trainer';
import { imbalance } from '../inspect/imbalance';
import type { Counts, InspectedValue, Inspection } from '../inspect/inspection';
import { summaryText, verdict } from '../inspect/inspection-text';
import type { RepeatedContents } from '../inspect/repeated-content';
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
    title: `${inspection.name}: ${inspection.samples} samples`,
    sections: [...inspectionSections(inspection), ...more],
  });
}

/** An inspection as sections of a report. */
export function inspectionSections(inspection: Inspection): Section[] {
  const { samples, parts, modalities, combinations, targets, duplicates, leaks } = inspection;
  const present = Object.fromEntries(Object.entries(modalities).map(([slot, own]) => [slot, own.present]));
  const lengths = Object.entries(modalities).flatMap(([slot, own]) =>
    own.lengths.map((summary): Cell[] => [slot, summaryText(summary)]),
  );
  const sections: Section[] = [
    {
      heading: 'Modalities',
      html: countTable('modality', { counts: present, imbalance: imbalance(present) }, samples),
    },
    { heading: 'Combinations', html: countTable('combination', combinations, samples) },
  ];
  if (lengths.length > 0) sections.push({ heading: 'Lengths', html: table(['modality', 'length'], lengths) });
  for (const [name, { classes, values, present: count }] of Object.entries(targets)) {
    const said = values ? table(['samples', 'values'], [[count, summaryText(values)]]) : table(['samples'], [[count]]);
    sections.push({ heading: `Target ${name}`, html: classes ? countTable('class', classes, count) : said });
  }
  if (Object.keys(parts).length > 1) {
    sections.push({ heading: 'Parts', html: table(['part', 'samples'], Object.entries(parts)) });
    sections.push({ heading: 'In more than one part', html: repeatedTable(leaks) });
  }
  sections.push({ heading: 'Duplicates', html: repeatedTable(duplicates) }, faultSection(inspection));
  return inspection.examples.length > 0 ? [...sections, exampleSection(inspection)] : sections;
}

function countTable(heading: string, { counts, imbalance: share }: Counts, of: number): string {
  const entries = Object.entries(counts);
  const rows = entries
    .slice(0, mostRows)
    .map(([name, count]): Cell[] => [name, count, percent(of === 0 ? 0 : count / of)]);
  const more: Cell[][] = entries.length > mostRows ? [[`… and ${entries.length - mostRows} more`, '', '']] : [];
  return table([heading, 'samples', 'share'], [...rows, ...more], verdict(share));
}

function repeatedTable({ count, first }: RepeatedContents): string {
  const rows = first.map(({ slot = 'whole sample', parts, places, count: own }): Cell[] => [
    places.join(' = '),
    slot,
    parts.join(', '),
    own,
  ]);
  return table(['where', 'what', 'parts', 'samples'], rows, `${count} samples beyond the first of each`);
}

function faultSection({ badRows, unreadable, remarks }: Inspection): Section {
  const told = [...badRows.first, ...unreadable.first].slice(0, mostRows).map(({ message }): Cell[] => [message]);
  const caption = `${badRows.count} bad rows, ${unreadable.count} samples with a file that cannot be read`;
  return {
    heading: 'Faults',
    html: table(['fault'], [...told, ...remarks.map((remark): Cell[] => [remark])], caption),
  };
}

function exampleSection({ examples, modalities, targets }: Inspection): Section {
  const [slots, names] = [Object.keys(modalities), Object.keys(targets)];
  const rows = examples.map(({ where, targets: own, values }): Cell[] => [
    where,
    ...slots.map((slot) => valueCell(values[slot])),
    ...names.map((name) => String(own[name] ?? '')),
  ]);
  return { heading: 'Samples', html: table(['where', ...slots, ...names], rows) };
}

function valueCell(value: InspectedValue | undefined): Cell {
  if (value === undefined) return '';
  if ('png' in value) return pngCell(value.png);
  return value.text.length > mostLetters ? `${value.text.slice(0, mostLetters)}…` : value.text;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
