import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Batch, type HeadInput, inferenceContext, type Model } from '@polymodal/core';
import { CachedTokenDecoder, type CausalEncoder, decodeThrough, type GenerationOptions } from '@polymodal/generation';
import type { LanguageModelHead, LanguageModelOutput } from '@polymodal/head-text';
import { loadPretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { languageModels } from '../language-models';

/** For tests: prompts, and what Python continued them with. */
export interface GenerationCase {
  readonly prompts: number[][];
  readonly options: GenerationOptions;
  readonly continuations: number[][];
  /** Before and after the processors: of each step and row. */
  readonly logits?: (number | null)[][][];
  readonly scores?: (number | null)[][][];
}

const fixtures = fileURLToPath(new URL('../../fixtures/language-models', import.meta.url));

/** For tests: the folders of tiny language models that tools/parity/generation.py made. They have no tokenizer. */
export const modelFolders = readdirSync(fixtures, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** For tests: the folder of one of them. */
export const folderOf = (name: string) => join(fixtures, name);

/** For tests: one of them. */
export const loadFixture = (name: string) => loadPretrained(languageModels, folderOf(name));

/** For tests: what Python generated with it. */
export const casesOf = (name: string) => readFixture<GenerationCase[]>(join(name, 'generation.json'));

/** For tests: a JSON file among the fixtures. */
export function readFixture<T>(path: string): T {
  return JSON.parse(readFileSync(join(fixtures, path), 'utf8'));
}

/** For tests: logits as JSON has them, where −∞ is null. */
export function logitsOf(row: readonly (number | null)[]): Float32Array {
  return Float32Array.from(row, (value) => value ?? Number.NEGATIVE_INFINITY);
}

/** For tests: texts of ids as a batch, padded at their ends. The caller disposes it. */
export function batchOf(texts: readonly (readonly number[])[]): Batch {
  const rows = Int32Array.from(texts.keys());
  const width = Math.max(...texts.map((text) => text.length));
  const padded = texts.map((text) => [...text, ...Array<number>(width - text.length).fill(0)]);
  const mask = texts.map((text) => Array.from({ length: width }, (_, place) => (place < text.length ? 1 : 0)));
  const features = {
    inputIds: tf.tensor2d(padded, [texts.length, width], 'int32'),
    mask: tf.tensor2d(mask, [texts.length, width]),
  };
  return { size: texts.length, modalities: { text: { rows, features } }, targets: {} };
}

/** For tests: the head and the encoder of a language model. */
export function partsOf(model: Model): { readonly head: LanguageModelHead; readonly encoder: CausalEncoder } {
  return { head: model.heads.text as LanguageModelHead, encoder: model.encoders.text as CausalEncoder };
}

/** For tests: the logits of the token after each of a batch, (P, N, V). */
export function forward(model: Model, batch: Batch, context = inferenceContext()): tf.Tensor3D {
  return partsOf(model).head.logits(model.forward(batch, context).fused.tokens);
}

/** For tests: the ids that the head of a model writes behind texts of ids, of several sequences one after the other. */
export async function continuations(
  model: Model,
  prompts: readonly (readonly number[])[],
  options: GenerationOptions & { readonly seed?: number } = {},
  signal?: AbortSignal,
): Promise<number[][]> {
  const { head } = partsOf(model);
  const context = inferenceContext({ signal });
  const batch = batchOf(prompts);
  const fused = tf.tidy(() => model.forward(batch, context).fused as unknown as tf.TensorContainer);
  try {
    const input = { fused, parent: undefined } as unknown as HeadInput;
    const output = await outputOf(head.produce(input, context, head.predictOptions.parse(options)));
    const { ids, endings, scores, before } = output;
    const written = (await ids!.array()).flat().map((row) => row.filter((id) => id >= 0));
    tf.dispose([ids!, endings!, scores!, before!]);
    return written;
  } finally {
    tf.dispose([fused, Object.values(batch.modalities.text.features)]);
  }
}

async function outputOf(production: AsyncGenerator<unknown, LanguageModelOutput, void>): Promise<LanguageModelOutput> {
  for (let next = await production.next(); ; next = await production.next()) if (next.done) return next.value;
}

/** For tests: a decoder of ids, without a model's fusion. The caller disposes it. */
export function decoderOf(model: Model): CachedTokenDecoder {
  const { head, encoder } = partsOf(model);
  const { cacheSizes, maxPositionEmbeddings: maxLength } = encoder;
  return new CachedTokenDecoder({
    cacheSizes,
    maxLength,
    vocabSize: head.vocabSize,
    decode: ({ features }, before) => {
      const { last, past } = decodeThrough(encoder, features, before);
      return { outputs: { logits: head.logits(last) }, past };
    },
  });
}
