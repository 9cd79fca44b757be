import { ConfigError, suggestNames, UnknownNameError } from '@polymodal/core';
import type { Binding } from '../manifest/manifest-options';
import { isMissing } from '../values/missing-cells';
import { type BoxedThings, boxedThings } from './boxed-things';
import { columnBinding } from './column-binding';
import type { ColumnKind } from './column-kind';
import type { FoundColumn } from './found-column';
import { areSpans, type MarkedText, markedIn, textOfMarks } from './marked-text';

/** A target that a model may have. */
export interface ProposedTarget {
  /** Classes, a number, labelled spans of a text, the answer to a question as it stands in a text, what is said in a recording, or boxes in a picture. */
  readonly kind: 'category' | 'number' | 'spans' | 'answer' | 'transcript' | 'boxes';
  readonly binding: Binding;
  /** The values that were seen, of a category, or the labels of spans and boxes. */
  readonly labels?: readonly string[];
  /** Of spans and answers the slot in whose text they stand, of a transcript that of the recording, of boxes that of the picture. */
  readonly of?: string;
  /** Of answers: whether some questions have none. */
  readonly noAnswer?: boolean;
  /** Of a transcript: the letters that were seen. */
  readonly letters?: string;
  /** Of boxes: how they are written, as their numbers tell. */
  readonly format?: 'xywh' | 'xyxy';
  /** Of boxes: most of a picture. */
  readonly most?: number;
}

/** A column that is called so is what is to be learned. */
const targetNames =
  /^(labels?|class|classes|targets?|y|outcome|diagnosis|rating|score|cls|spans|entities|objects|boxes|bboxes|annotations)$/i;

/** What is said in a recording is mostly called so. */
const transcriptNames =
  /^((raw|normali[sz]ed)[_ -]?)?(transcripts?|transcriptions?|transcribed|sentence|utterance)([_ -]?text)?$/i;

/**
 * The column that is called as targets are; or that of answers in a text, or of what is said in recordings; or else the last one, where people put
 * them.
 */
export function targetOf(found: readonly FoundColumn[]): FoundColumn | undefined {
  const able = found.filter((own) => isTarget(own, found));
  const last = found.filter(({ kind }) => kind !== 'empty' && kind !== 'constant').at(-1);
  const texts = found.filter(({ kind }) => kind === 'text');
  const transcript = texts.length === 1 && hasOneSound(found) ? texts[0] : undefined; // what else would it be?
  return (
    able.find(({ column }) => targetNames.test(column)) ??
    able.find((own) => textOfMarks(own, found, 'answer') !== undefined) ??
    (hasOneSound(found) ? texts.find(({ column }) => transcriptNames.test(column)) : undefined) ??
    able.find((own) => own === last) ??
    transcript
  );
}

/** The column that somebody has named. @throws UnknownNameError for one that there is not, ConfigError for one that can be no target */
export function askedTarget(found: readonly FoundColumn[], column: string): FoundColumn {
  const columns = found.map((own) => own.column);
  const target = found.find((own) => own.column === column);
  if (!target) {
    throw new UnknownNameError({
      where: 'target',
      expected: 'a column of the table',
      received: `"${column}"`,
      hint: suggestNames(column, columns),
    });
  }
  if (isTarget(target, found) || (target.kind === 'text' && hasOneSound(found))) return target;
  throw new ConfigError({
    where: 'target',
    expected:
      'a column of classes, numbers, spans of a text ([{ start, end, label }]), answers as they stand in a text, what is said in recordings, or boxes in pictures ([{ box, label }])',
    received: `"${column}", a column of kind ${target.kind} (${target.why})`,
    hint: 'Other targets are learned by heads that a config names itself: texts by `text-decoder`, several labels by `multi-label`.',
  });
}

export function isClass(kind: ColumnKind): boolean {
  return kind === 'category' || kind === 'flag';
}

function isTarget(own: FoundColumn, found: readonly FoundColumn[]): boolean {
  if (isClass(own.kind) || own.kind === 'number' || areSpans(own)) return true;
  return textOfMarks(own, found, 'answer') !== undefined || boxesOf(own, found) !== undefined;
}

/** Boxes lie in a picture, of which there has to be one. */
function boxesOf({ cells, classes }: FoundColumn, found: readonly FoundColumn[]): BoxedThings | undefined {
  return found.filter(({ kind }) => kind === 'picture').length === 1 ? boxedThings(cells, classes) : undefined;
}

function hasOneSound(found: readonly FoundColumn[]): boolean {
  return found.filter(({ kind }) => kind === 'sound').length === 1;
}

/** A slot, and the column that it is bound to. */
type Slots = Readonly<Record<string, { readonly modality: string; readonly binding: Binding }>>;

/**
 * What is learned from a column.
 *
 * @param inputs the columns that are read
 * @param slots  what was made of them
 */
export function proposedTarget(
  found: FoundColumn,
  inputs: readonly FoundColumn[],
  slots: Slots,
  missing: readonly string[],
): ProposedTarget {
  const { column } = found;
  const slotOf = (own: FoundColumn | undefined) => {
    const slot = own && Object.keys(slots).find((name) => isBoundTo(slots[name].binding, own.column));
    return slot === undefined ? {} : { of: slot };
  };
  if (found.kind === 'number') return { kind: 'number', binding: columnBinding(found) };
  if (areSpans(found)) {
    const labels = new Set(markedIn(found.cells, 'spans').flatMap((own) => labelsOf(own)));
    const of = slotOf(textOfMarks(found, inputs, 'spans'));
    return { kind: 'spans', binding: { column, as: 'value' }, labels: [...labels].sort(), ...of };
  }
  const boxes = boxesOf(found, inputs);
  if (boxes) {
    const picture = inputs.find(({ kind }) => kind === 'picture');
    return { kind: 'boxes', binding: { column, as: 'value' }, ...slotOf(picture), ...boxes };
  }
  const context = textOfMarks(found, inputs, 'answer');
  if (context) {
    const noAnswer = markedIn(found.cells, 'answer').some(({ marks }) => marks.length === 0);
    return { kind: 'answer', binding: { column, as: 'value' }, ...slotOf(context), ...(noAnswer && { noAnswer }) };
  }
  if (found.classes) return { kind: 'category', binding: { column, as: 'value' }, labels: found.classes };
  const values = found.cells.filter((cell) => !isMissing(cell, new Set(missing))).map((cell) => String(cell));
  if (found.kind === 'text') {
    const sound = inputs.find(({ kind }) => kind === 'sound');
    const letters = [...new Set(values.flatMap((text) => [...text]))].sort().join('');
    return { kind: 'transcript', binding: { column, as: 'text' }, letters, ...slotOf(sound) };
  }
  return { kind: 'category', binding: { column, as: 'text' }, labels: inOrder(values) };
}

/** Each once; numbers as they are counted. */
function inOrder(values: readonly string[]): string[] {
  const labels = [...new Set(values)].sort();
  return labels.every((label) => /^\d+$/.test(label))
    ? labels.sort((one, other) => Number(one) - Number(other))
    : labels;
}

function labelsOf({ marks }: MarkedText): string[] {
  return marks.flatMap(({ label }) => label ?? []);
}

function isBoundTo(binding: Binding, column: string): boolean {
  return typeof binding !== 'string' && 'column' in binding && binding.column === column;
}
