import {
  ConfigError,
  describeValue,
  isRecord,
  type Model,
  PolymodalError,
  parseConfig,
  requireArgument,
  type Sample,
  SampleError,
  suggestNames,
  UnknownNameError,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { ContrastiveHead, type Embeddings } from './contrastive-head';

/** How samples are compared with candidates. */
export interface ZeroShotOptions {
  /** The contrastive head; to be named where the model has several. */
  readonly head?: string;
  /** Rows at a time; 32 by default. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
}

/**
 * How probable each candidate is for each sample: zero-shot classification, where candidates (texts, say) describe the classes.
 *
 * ```ts
 * const candidates = [{ text: 'a photo of a cat' }, { text: 'a photo of a dog' }];
 * const [[cat, dog]] = await zeroShot(model, [{ image: 'cat.jpg' }], candidates);
 * ```
 *
 * Where the head learned to choose among others (`softmax`: CLIP, CLAP), the probabilities of a sample sum to 1. Where it learned to judge
 * each pair by itself (`sigmoid`: SigLIP), all may be small.
 *
 * @param samples    each with one of the modalities that the head aligns
 * @param candidates the same, what the samples may be
 * @returns for each sample, in their order, that of each candidate
 * @throws ConfigError for a model without such a head, and for arguments of the wrong kind
 * @throws SampleError for no candidate at all, for a sample of several aligned modalities, and as `model.predict`
 */
export async function zeroShot(
  model: Model,
  samples: readonly Sample[],
  candidates: readonly Sample[],
  options: ZeroShotOptions = {},
): Promise<number[][]> {
  requireArgument(isRecord(model?.heads), 'zeroShot', 'a model', model);
  requireArgument(Array.isArray(samples), 'zeroShot, samples', 'a list of samples', samples);
  requireArgument(Array.isArray(candidates), 'zeroShot, candidates', 'a list of samples', candidates);
  const { head: wanted, ...predicting } = parseConfig(zeroShotOptions, options, 'zeroShot');
  const [name, head] = contrastiveHeadOf(model, wanted);
  if (candidates.length === 0) {
    throw new SampleError({ where: 'candidates', expected: 'at least one to choose from', received: 'none' });
  }
  const embed = async (given: readonly Sample[], what: string) => {
    const answers = await model.predict(given, { ...predicting, heads: [name] }).catch((error: unknown) => {
      throw saidOf(what, error);
    });
    return answers.map((answer, index) => oneOf((answer[name] as Embeddings).embeddings, `${what} ${index}`));
  };
  const [rows, others] = [await embed(samples, 'sample'), await embed(candidates, 'candidate')];
  const probabilities: number[][] = new Array(rows.length);
  for (const from of new Set(rows.map(({ modality }) => modality))) {
    const indices = [...rows.keys()].filter((index) => rows[index].modality === from);
    const found = tf.tidy(() =>
      head.probabilities(head.logits(from, stacked(indices.map((index) => rows[index])), stacked(others))),
    );
    const values = (await found.array()) as number[][];
    found.dispose();
    indices.forEach((index, row) => {
      probabilities[index] = values[row];
    });
  }
  return probabilities;
}

const zeroShotOptions = z.strictObject({
  head: z.string().optional(),
  batchSize: z.int().min(1).optional(),
  signal: z.custom<AbortSignal>((value) => value instanceof AbortSignal, 'an AbortSignal').optional(),
});

/** @throws ConfigError, UnknownNameError where it is not plain which head is meant */
function contrastiveHeadOf({ heads }: Model, wanted: string | undefined): [name: string, head: ContrastiveHead] {
  const able = Object.entries(heads).flatMap(([name, head]) =>
    head instanceof ContrastiveHead ? [[name, head] as [string, ContrastiveHead]] : [],
  );
  const names = able.map(([name]) => name);
  const found = able.find(([name]) => name === (wanted ?? names[0]));
  if (found && (wanted !== undefined || able.length === 1)) return found;
  if (found || wanted === undefined) {
    const expected = found ? 'the name of the head that is meant' : 'a model with a contrastive head';
    throw new ConfigError({ where: 'zeroShot.head', expected, received: names.join(', ') || 'a model without one' });
  }
  throw new UnknownNameError({
    where: 'zeroShot.head',
    expected: 'the name of a contrastive head of the model',
    received: describeValue(wanted),
    hint: suggestNames(wanted, names),
  });
}

/** An error of prediction, said of candidates where it means one. */
function saidOf(what: string, error: unknown): unknown {
  if (!PolymodalError.isInstance(error) || !error.where?.startsWith('sample ')) return error;
  return error.at(error.where.replace('sample', what));
}

/** An embedding and the modality that it is of. */
interface Embedded {
  readonly modality: string;
  /** (E) */
  readonly values: Float32Array;
}

/** @throws SampleError for several: it would not be plain which is meant */
function oneOf(embeddings: Embeddings['embeddings'], where: string): Embedded {
  const [[modality, values], ...more] = Object.entries(embeddings);
  if (more.length === 0) return { modality, values };
  const received = Object.keys(embeddings).join(', ');
  throw new SampleError({ where, expected: 'one of the modalities that are aligned', received });
}

/** (E) of each → (n, E) */
function stacked(embedded: readonly Embedded[]): tf.Tensor2D {
  const width = embedded[0].values.length;
  const values = new Float32Array(embedded.length * width);
  embedded.forEach((own, row) => {
    values.set(own.values, row * width);
  });
  return tf.tensor2d(values, [embedded.length, width]);
}
