import type * as tf from '@tensorflow/tfjs-core';
import type { Batch, HostBatch, HostRows, TargetBatch } from '../batch';
import { requireBatch } from '../check-batch';
import type { Context } from '../context';
import { describeValue } from '../describe-value';
import { PartError } from '../errors';
import type { Features, HostTensor } from '../features';
import { featuresFault } from '../features-fault';
import type { Head, HeadInput, KnownSample, ProducedPiece, ViewInput } from '../head';
import type { LossTerms } from '../loss';
import type { PresentRows } from '../present-rows';
import type { RandomKey } from '../random-key';
import { isRecord } from '../require-argument';
import { askPart, asPartError } from './ask-part';
import { checkTensor } from './check-tensor';

/** A head and the name that the config gives it. The functions below run its methods and say by this name what is its fault. */
export interface NamedHead {
  readonly name: string;
  readonly head: Head;
}

/** @throws PartError, and the SampleError of a head that cannot take it */
export function checkHeadSample(
  { name, head }: NamedHead,
  sample: KnownSample,
  options: Readonly<Record<string, unknown>> | undefined,
): void {
  askPart(partOf(name), 'checkSample()', () => head.checkSample?.(sample, options));
}

/** @throws PartError */
export function headOutput(
  { name, head }: NamedHead,
  input: HeadInput,
  context: Context,
  target?: TargetBatch,
): unknown {
  return askPart(partOf(name), 'forward()', () => head.forward(input, context, target), context.signal);
}

/** What a head draws for a step, as its target. @throws PartError */
export function drawnRows({ name, head }: NamedHead, batch: HostBatch, key: RandomKey): HostRows | undefined {
  const drawn = askPart(partOf(name), 'draw()', () => head.draw!(batch, key));
  const fault = drawn && featuresFault(drawn.features, drawn.rows?.length);
  if (!fault) return drawn;
  const { feature, ...said } = fault;
  const where = `${partOf(name)}, draw()${feature === undefined ? '' : `, feature "${feature}"`}`;
  throw new PartError({ where, ...said });
}

/** What a head learns from in place of some rows. @throws PartError */
export function headView({ name, head }: NamedHead, batch: Batch, given: ViewInput, context: Context): Batch {
  const view: unknown = askPart(partOf(name), 'view()', () => head.view!(batch, given, context), context.signal);
  try {
    requireBatch(view, 'view()');
  } catch {
    throw new PartError({ where: `${partOf(name)}, view()`, expected: 'a batch', received: describeValue(view) });
  }
  return view as Batch;
}

/** The pieces that a head produces, each of one of `rows` rows, and at the end its output. @throws PartError */
export async function* headPieces(
  { name, head }: NamedHead,
  input: HeadInput,
  context: Context,
  options: Readonly<Record<string, unknown>>,
  rows: number,
): AsyncGenerator<ProducedPiece<unknown>, unknown, void> {
  let pieces: ReturnType<NonNullable<Head['produce']>> | undefined;
  const next = async () => {
    try {
      pieces ??= head.produce?.(input, context, options);
      return await (pieces as NonNullable<typeof pieces>).next();
    } catch (error) {
      throw asPartError(error, partOf(name), 'produce()', context.signal);
    }
  };
  try {
    let step = await next();
    for (; !step.done; step = await next()) {
      checkPiece(name, step.value, rows);
      yield step.value;
    }
    return step.value;
  } finally {
    await pieces?.return?.(undefined); // it frees what it holds, also where nobody wants the rest
  }
}

/** Named tensors with the rows as first axis. @throws PartError */
export function headScores({ name, head }: NamedHead, output: unknown, rows: number): tf.NamedTensorMap {
  return namedScores(
    `${partOf(name)}, scores()`,
    rows,
    askPart(partOf(name), 'scores()', () => head.scores(output)),
  );
}

/** Those of the one pass of a head that produces. @throws PartError */
export function headPassScores(
  { name, head }: NamedHead,
  input: HeadInput,
  context: Context,
  rows: number,
): tf.NamedTensorMap {
  const scores = askPart(partOf(name), 'passScores()', () => head.passScores?.(input, context), context.signal);
  return namedScores(`${partOf(name)}, passScores()`, rows, scores);
}

function namedScores(where: string, rows: number, scores: unknown): tf.NamedTensorMap {
  if (!isRecord(scores)) throw new PartError({ where, expected: 'named tensors', received: describeValue(scores) });
  for (const [key, tensor] of Object.entries(scores)) checkTensor(`${where}.${key}`, tensor, [rows], true);
  return scores as tf.NamedTensorMap;
}

/** An answer a row. @throws PartError */
export async function headAnswers(
  { name, head }: NamedHead,
  scores: Readonly<Record<string, HostTensor>>,
  present: PresentRows,
  options: Readonly<Record<string, unknown>>,
  features: readonly Readonly<Record<string, Features>>[],
  signal: AbortSignal | undefined,
): Promise<readonly unknown[]> {
  let answers: unknown;
  try {
    answers = await head.answers(scores, present, options, features, signal);
  } catch (error) {
    throw asPartError(error, partOf(name), 'answers()', signal);
  }
  if (Array.isArray(answers) && answers.length === present.size) return answers;
  const expected = `an array of ${present.size}, an answer for each row`;
  throw new PartError({ where: `${partOf(name)}, answers()`, expected, received: describeValue(answers) });
}

/** The terms of its loss that count something. @throws PartError */
export function headLoss({ name, head }: NamedHead, target: TargetBatch | undefined, present: PresentRows): LossTerms {
  const terms: unknown = askPart(partOf(name), 'loss()', () => head.loss(target, present));
  if (!isRecord(terms)) {
    throw new PartError({ where: `${partOf(name)}, loss()`, expected: 'named terms', received: describeValue(terms) });
  }
  const counting = Object.entries(terms as LossTerms).filter(([term, own]) => {
    const isTerm = Number.isFinite(own?.count) && own.count >= 0 && typeof own.sum === 'function';
    if (isTerm) return own.count > 0;
    const expected = 'a count, and the function that gives the sum of what is counted';
    const received = isRecord(own)
      ? `count ${describeValue(own.count)} and sum ${describeValue(own.sum)}`
      : describeValue(own);
    throw new PartError({ where: `${partOf(name)}, loss().${term}`, expected, received });
  });
  return Object.fromEntries(counting);
}

/** A scalar. @throws PartError */
export function lossSum(
  { name }: NamedHead,
  term: string,
  own: LossTerms[string],
  output: unknown,
  context: Context,
): tf.Scalar {
  const method = `loss().${term}.sum()`;
  const sum = askPart(partOf(name), method, () => own.sum(output, context), context.signal);
  checkTensor(`${partOf(name)}, ${method}`, sum, []);
  return sum;
}

/** What the output of a head that compares rows consists of. @throws PartError */
export function headRows({ name, head }: NamedHead, output: unknown): tf.NamedTensorMap {
  const rows: unknown = askPart(partOf(name), 'rowTensors()', () => head.rowTensors?.(output));
  const where = `${partOf(name)}, rowTensors()`;
  if (!isRecord(rows)) throw new PartError({ where, expected: 'named tensors', received: describeValue(rows) });
  return rows as tf.NamedTensorMap;
}

/** The output that consists of these. @throws PartError */
export function joinedOutput({ name, head }: NamedHead, rows: tf.NamedTensorMap, present: PresentRows): unknown {
  return askPart(partOf(name), 'joinedOutput()', () => head.joinedOutput?.(rows, present));
}

function partOf(name: string): string {
  return `head "${name}"`;
}

function checkPiece(name: string, piece: ProducedPiece<unknown> | undefined, rows: number): void {
  if (Number.isInteger(piece?.row) && piece!.row >= 0 && piece!.row < rows) return;
  throw new PartError({
    where: `${partOf(name)}, produce()`,
    expected: `pieces, each with its row, from 0 to ${rows - 1}`,
    received: isRecord(piece) ? `row ${describeValue(piece.row)}` : describeValue(piece),
  });
}
