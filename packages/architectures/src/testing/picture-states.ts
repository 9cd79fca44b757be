import { type Batch, type HeadInput, inferenceContext, type Model } from '@polymodal/core';
import type { CausalEncoder } from '@polymodal/generation';
import type { LanguageModelHead, LanguageModelOutput } from '@polymodal/head-text';
import * as tf from '@tensorflow/tfjs-core';

/** For tests: what the layers of a language model give, and the logits of all tokens, zeros in padding; and which are not padding. */
export function states(model: Model, batch: Batch): { hidden: tf.Tensor[]; logits: tf.Tensor3D; mask: tf.Tensor2D } {
  const encoder = model.encoders.text as CausalEncoder;
  const head = model.heads.text as LanguageModelHead;
  const hidden: tf.Tensor3D[] = [];
  const layer = encoder.layer.bind(encoder);
  encoder.layer = (index, tokens, context) => {
    const output = layer(index, tokens, context);
    hidden.push(output.tokens);
    return output;
  };
  const { fused } = model.forward(batch, inferenceContext());
  encoder.layer = layer;
  const mask = tf.expandDims(fused.mask, 2);
  const valid = (tokens: tf.Tensor3D) => tf.mul<tf.Tensor3D>(tokens, mask);
  return { hidden: hidden.map(valid), logits: valid(head.logits(fused.tokens)), mask: fused.mask };
}

/** For tests: the ids that a model writes behind each row. */
export async function written(model: Model, batch: Batch, maxNewTokens: number): Promise<number[][]> {
  const { ids } = await outputOf(model, batch, { maxNewTokens });
  return ids!.arraySync().map(([own]) => own);
}

/** For tests: the sequences that a model finds behind the rows, those of each row one after the other, and their scores. */
export async function found(
  model: Model,
  batch: Batch,
  options: object,
): Promise<{ ids: number[][]; scores: number[] }> {
  const { ids, scores } = await outputOf(model, batch, options);
  return {
    ids: ids!.arraySync().flatMap((row) => row.map((own) => own.filter((id) => id >= 0))),
    scores: [...scores!.dataSync()],
  };
}

function outputOf(model: Model, batch: Batch, options: object): Promise<LanguageModelOutput> {
  const head = model.heads.text as LanguageModelHead;
  const context = inferenceContext();
  const { fused } = model.forward(batch, context);
  return endOf(head.produce({ fused, parent: undefined } as HeadInput, context, head.predictOptions.parse(options)));
}

async function endOf(production: AsyncGenerator<unknown, LanguageModelOutput, void>): Promise<LanguageModelOutput> {
  for (let next = await production.next(); ; next = await production.next()) if (next.done) return next.value;
}
