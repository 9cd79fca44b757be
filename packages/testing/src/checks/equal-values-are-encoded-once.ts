import {
  type EncodedTokens,
  type Encoder,
  type EncoderDefinition,
  encoderOfOne,
  type Features,
  inferenceContext,
  initialize,
  type ModalityBatch,
  PartError,
  parseConfig,
  RandomKey,
  sharedOf,
  uploadBatch,
  withTokens,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { EncoderCase } from '../cases/encoder-case';
import { readingFeatures } from '../cases/given-features';
import { expectSameValues } from '../compare/expect-same-values';
import { keepValid } from '../compare/keep-valid';
import { readTensors } from '../compare/read-tensors';

/**
 * In a slot with `shared`, rows of which some have an equal value are encoded as without, also where somebody works on the tokens of rows
 * between the layers; unless the encoder is refused there, since what it keeps cannot be spread over rows.
 */
export async function equalValuesAreEncodedOnce(subject: EncoderCase, definition: EncoderDefinition): Promise<void> {
  const shared = sharedOf(readingFeatures(definition, subject.processor));
  const config = parseConfig(subject.schema, subject.config, subject.name);
  const processor = shared.processor.create(config, { slot: 'subject', savedFile: () => undefined });
  const encoder = shared.create(config, { slot: 'subject', hiddenSize: 16, processor });
  initialize(encoder, RandomKey.from(0).fold('equal values'));
  const rows = [...subject.rows, ...subject.rows.slice(0, 2), subject.rows[0]];
  const encode = (own: Encoder, features: Features, workAfter: number) =>
    readTensors(() => {
      const { tokens, mask, pooled } = encodeWorking(own, uploaded(features), workAfter);
      return { tokens: keepValid(tokens, mask), mask, pooled };
    });
  try {
    const nobody = encoder.depth + 1;
    for (let layer = 0; layer <= nobody; layer++) {
      const each = await encode(encoderOfOne(encoder), subject.processor.collate(rows), layer);
      try {
        const once = await encode(encoder, processor.collate(rows), layer);
        const when = layer === nobody ? 'untouched' : `worked on before layer ${layer}`;
        expectSameValues(
          `${subject.name}, equal values against each by itself, ${when}`,
          each,
          once,
          subject.tolerance,
        );
      } catch (error) {
        if (layer === nobody || !PartError.isInstance(error)) throw error;
      }
    }
  } finally {
    encoder.dispose();
  }
}

/** As `encode`, with each row's tokens scaled by another number before one layer, or before they are finished. */
function encodeWorking(encoder: Encoder, batch: ModalityBatch, before: number): EncodedTokens {
  const context = inferenceContext();
  const work = (tokens: tf.Tensor3D) =>
    tf.mul<tf.Tensor3D>(tokens, tf.reshape(tf.linspace(1, 2, tokens.shape[0]), [-1, 1, 1]));
  let tokens = encoder.embed(batch, context);
  for (let index = 0; index < encoder.depth; index++) {
    if (index === before) tokens = withTokens(tokens, work(tokens.tokens));
    tokens = encoder.layer(index, tokens, context);
  }
  return encoder.finish(before === encoder.depth ? withTokens(tokens, work(tokens.tokens)) : tokens, context);
}

function uploaded(features: Features): ModalityBatch {
  const [size] = Object.values(features)[0].shape;
  const rows = Int32Array.from({ length: size }, (_, row) => row);
  return uploadBatch({ size, modalities: { subject: { rows, features } }, targets: {} }).modalities.subject;
}
