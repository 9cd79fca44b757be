import { isRecord } from '@polymodal/core';
import { thingsIn } from '../schema/boxed-things';
import { countsOf } from './counts-of';
import type { TargetFigures } from './inspection';
import { type LengthSummary, lengthSummary } from './length-summary';
import { textOf } from './text-of';

/** More are no classes. */
const mostClasses = 1000;

/** What the values of a target come to, by what they are: numbers, spans of a text, boxes in a picture, answers in one, lists of labels, texts, or else classes. */
export function targetFigures(values: readonly unknown[]): TargetFigures {
  const present = values.length;
  if (areAll(values, isNumber)) return { present, values: lengthSummary(values, '') };
  const isSome = values.some((value) => !Array.isArray(value) || value.length > 0);
  if (areAll(values, areSpans) && isSome) return { present, ...figuresOfSpans(values) };
  if (areAll(values, areBoxes) && isThere(values)) return { present, ...figuresOfBoxes(values) };
  if (areAll(values, isAnswers) && isSome) return { present, ...figuresOfAnswers(values.map(answersIn)) };
  if (areAll(values, areLabels)) return { present, ...figuresOfLabels(values) };
  const classes = counted(values.map((value) => (typeof value === 'object' ? textOf(value) : String(value))));
  if (areAll(values, isText) && areWritten(values, classes.size)) return { present, lengths: [lettersOf(values)] };
  return classes.size > mostClasses ? { present } : { present, classes: countsOf(classes) };
}

function areAll<T>(values: readonly unknown[], isOne: (value: unknown) => value is T): values is readonly T[] {
  return values.length > 0 && values.every(isOne);
}

/** A span of a text with a label. */
interface LabelledSpan {
  readonly start: number;
  readonly end: number;
  readonly label: string;
}

function figuresOfSpans(values: readonly (readonly LabelledSpan[])[]): Omit<TargetFigures, 'present'> {
  const spans = values.flat();
  return {
    labels: countsOf(counted(spans.map(({ label }) => label))),
    lengths: [perSample(values, 'spans in a sample'), lengthsOf(spans.map(({ start, end }) => end - start))],
  };
}

/** Boxes by their labels, and how many there are in a picture; of one label they need not name it. */
function figuresOfBoxes(values: readonly unknown[]): Omit<TargetFigures, 'present'> {
  const things = values.map((value) => thingsIn(value) ?? []);
  const labels = counted(things.flat().flatMap(({ label }) => (label === undefined ? [] : [String(label)])));
  return {
    ...(labels.size > 0 && labels.size <= mostClasses && { labels: countsOf(labels) }),
    lengths: [perSample(things, 'boxes in a sample')],
  };
}

/** Answers to one question, by how long they are: none where there is none. */
function figuresOfAnswers(values: readonly (readonly number[])[]): Omit<TargetFigures, 'present'> {
  const found = values.flat();
  return {
    lengths: [perSample(values, 'answers in a sample'), ...(found.length > 0 ? [lengthsOf(found)] : [])],
  };
}

function figuresOfLabels(values: readonly (readonly (string | number)[])[]): Omit<TargetFigures, 'present'> {
  const labels = counted(values.flat().map(String));
  return {
    ...(labels.size <= mostClasses && labels.size > 0 && { labels: countsOf(labels) }),
    lengths: [perSample(values, 'labels in a sample')],
  };
}

function perSample(values: readonly { readonly length: number }[], unit: string): LengthSummary {
  return lengthSummary(
    values.map(({ length }) => length),
    unit,
  );
}

function lengthsOf(letters: readonly number[]): LengthSummary {
  return lengthSummary(letters, 'letters long');
}

function lettersOf(texts: readonly string[]): LengthSummary {
  return lengthSummary(
    texts.map((text) => [...text].length),
    'letters',
  );
}

/** Whether texts are to be written, and name no classes: of several words, and hardly one twice. */
function areWritten(texts: readonly string[], distinct: number): boolean {
  return distinct > texts.length / 2 && texts.filter((text) => /\s/.test(text.trim())).length > texts.length / 2;
}

/** How long each answer is, as `span` takes them: `{ start, end }`, `{ start, text }`, a list of those, or what SQuAD has. */
function answersIn(value: unknown): number[] {
  if (Array.isArray(value)) return value.flatMap(answersIn);
  const { start, end, text } = value as { readonly [key in 'start' | 'end' | 'text']?: unknown };
  if (Array.isArray(text)) return text.map((own) => String(own).length);
  return [typeof end === 'number' ? end - Number(start) : String(text).length];
}

function isAnswers(value: unknown): value is object {
  if (Array.isArray(value)) return value.every(isAnswer);
  return isAnswer(value) || isOfSquad(value);
}

/** Without a label, by which a span would be one of a text's many. */
function isAnswer(value: unknown): boolean {
  if (!isRecord(value) || 'label' in value || typeof value.start !== 'number') return false;
  return typeof value.end === 'number' || typeof value.text === 'string';
}

function isOfSquad(value: unknown): boolean {
  return isRecord(value) && Array.isArray(value.text) && Array.isArray(value.answer_start);
}

function areSpans(value: unknown): value is readonly LabelledSpan[] {
  const isSpan = (own: unknown) =>
    isRecord(own) && typeof own.label === 'string' && typeof own.start === 'number' && typeof own.end === 'number';
  return Array.isArray(value) && value.every(isSpan);
}

/** Whether some of them have a box: an empty list may be one of anything. */
function isThere(values: readonly unknown[]): boolean {
  return values.some((value) => thingsIn(value)!.length > 0);
}

/** A list of boxes, or of none. */
function areBoxes(value: unknown): value is object {
  return thingsIn(value) !== undefined;
}

function areLabels(value: unknown): value is readonly (string | number)[] {
  return Array.isArray(value) && value.every((own) => typeof own === 'string' || typeof own === 'number');
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function counted(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
