import type * as tf from '@tensorflow/tfjs-core';
import type { Context } from '../context';
import { NonFiniteError } from '../errors';
import type { HostTensor } from '../features';
import type { HeadOutput } from '../head-output';
import type { HeadTree } from '../head-tree';
import { headAnswers, headOutput, headPassScores, headScores } from '../part/run-head';
import type { PreparedSample } from '../prepared-sample';
import type { PresentRows } from '../present-rows';
import type { Fused } from '../tokens';

/** Options of each head that is asked, parsed. */
export type HeadOptions = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What heads answer from that need one pass, over all rows of a fused batch; of those that produce, the numbers of that pass. */
export function scoresFrom(
  tree: HeadTree,
  names: readonly string[],
  fused: Fused,
  context: Context,
): tf.NamedTensorMap {
  const rows = Array.from({ length: fused.tokens.shape[0] }, (_, row) => row);
  const plan = tree.plan(names.map((name) => ({ name, rows })));
  const made: Record<string, HeadOutput> = {};
  const produced: tf.NamedTensorMap = {};
  for (const route of plan) {
    const [head, input] = [tree.named(route.name), tree.input(route, fused, made)];
    if (head.head.produce) {
      Object.assign(produced, prefixed(route.name, headPassScores(head, input, context, rows.length)));
    } else made[route.name] = { rows: route.rows, output: headOutput(head, input, context) };
  }
  const scored = names.filter((name) => name in made);
  return { ...scoresOf(tree, scored, made), ...produced };
}

/** The numbers that heads answer from, as one flat record: what a program gives back. */
export function scoresOf(
  tree: HeadTree,
  names: readonly string[],
  made: Readonly<Record<string, HeadOutput>>,
): tf.NamedTensorMap {
  const all: tf.NamedTensorMap = {};
  for (const name of names) {
    Object.assign(all, prefixed(name, headScores(tree.named(name), made[name].output, made[name].rows.length)));
  }
  return all;
}

function prefixed(name: string, scores: tf.NamedTensorMap): tf.NamedTensorMap {
  return Object.fromEntries(Object.entries(scores).map(([key, tensor]) => [`${name}/${key}`, tensor]));
}

/** What heads answer for each row, from one reading of all their numbers; an error for a row whose numbers are not finite. */
export async function readAnswers(
  tree: HeadTree,
  options: HeadOptions,
  scores: tf.NamedTensorMap,
  present: PresentRows,
  samples: readonly Pick<PreparedSample, 'features'>[],
  signal?: AbortSignal,
): Promise<(Record<string, unknown> | NonFiniteError)[]> {
  const keys = Object.keys(scores);
  const read = await Promise.all(keys.map((key) => scores[key].data()));
  const values = Object.fromEntries(
    keys.map((key, i) => [key, { data: read[i] as Float32Array, shape: scores[key].shape }]),
  );
  const features = samples.map((sample) => sample.features);
  const answers: (Record<string, unknown> | NonFiniteError)[] = Array.from({ length: present.size }, () => ({}));
  for (const [name, asked] of Object.entries(options)) {
    const own = withPrefix(values, `${name}/`);
    const broken = brokenRows(own, present.size);
    const said = await headAnswers(tree.named(name), own, present, asked, features, signal);
    answers.forEach((answer, row) => {
      if (answer instanceof NonFiniteError) return;
      if (broken?.has(row)) answers[row] = nonFinite(name, own, row);
      else answer[name] = said[row];
    });
  }
  return answers;
}

function withPrefix(values: Readonly<Record<string, HostTensor>>, prefix: string): Record<string, HostTensor> {
  const own: Record<string, HostTensor> = {};
  for (const key in values) if (key.startsWith(prefix)) own[key.slice(prefix.length)] = values[key];
  return own;
}

/** Rows with a number that is not finite. */
function brokenRows(scores: Readonly<Record<string, HostTensor>>, size: number): Set<number> | undefined {
  let broken: Set<number> | undefined;
  for (const { data } of Object.values(scores)) {
    const width = data.length / size;
    for (let i = 0; i < data.length; i++) {
      if (Number.isFinite(data[i])) continue;
      broken ??= new Set();
      broken.add(Math.floor(i / width));
    }
  }
  return broken;
}

function nonFinite(head: string, scores: Readonly<Record<string, HostTensor>>, row: number): NonFiniteError {
  const [name, { data, shape }] = Object.entries(scores)[0];
  const width = data.length / (shape[0] || 1);
  const values = Array.from(data.subarray(row * width, (row + 1) * width));
  return new NonFiniteError({
    where: `head "${head}"`,
    expected: 'finite numbers to answer from',
    received: `${name} with ${values.find((value) => !Number.isFinite(value)) ?? 'NaN'}`,
    hint: 'The weights of the model are not finite, or a feature of the sample is so large that it overflows.',
  });
}
