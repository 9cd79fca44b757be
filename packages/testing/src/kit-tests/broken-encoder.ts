import {
  type Context,
  type EncodedTokens,
  type EncoderDefinition,
  type EncoderSetup,
  type ModalityBatch,
  type Sequence,
  withTokens,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { z } from 'zod';
import { type EncoderCase, encoderCase } from '../cases/encoder-case';
import { randomSignal } from '../doubles/random-signal';
import {
  ReferenceEncoder,
  type ReferenceTokens,
  referenceEncoder,
  referenceEncoderConfig,
} from '../doubles/reference-encoder';
import type { ReferenceFeatures } from '../doubles/reference-processor';

type Options = z.output<typeof referenceEncoderConfig>;
type Create = (options: Options, setup: EncoderSetup) => ReferenceEncoder;

/** A case for an encoder that is made in another way than the reference one. */
export function brokenEncoder(
  create: Create,
  config: Record<string, unknown> = {},
  schema: z.ZodObject = referenceEncoderConfig,
): Promise<EncoderCase> {
  const definition = {
    ...referenceEncoder('broken', 'signal'),
    config: schema,
    create,
  } as unknown as EncoderDefinition;
  return encoderCase(definition, { sample: randomSignal, config });
}

/** A reference encoder whose embedding is changed. */
export function brokenEmbedding(
  change: (
    encoder: ReferenceEncoder,
    tokens: ReferenceTokens,
    batch: ModalityBatch<ReferenceFeatures>,
    context: Context,
  ) => ReferenceTokens,
): Promise<EncoderCase> {
  class Changed extends ReferenceEncoder {
    override embed(batch: ModalityBatch<ReferenceFeatures>, context: Context): ReferenceTokens {
      return change(this, super.embed(batch, context), batch, context);
    }
  }
  return brokenEncoder((options, { hiddenSize }) => new Changed(options, hiddenSize));
}

/** A reference encoder that changes tokens which it did not embed. */
export function brokenAdopt(change: (sequence: Sequence) => Sequence): Promise<EncoderCase> {
  class Changed extends ReferenceEncoder {
    override adopt(sequence: Sequence): ReferenceTokens {
      return super.adopt(change(sequence));
    }
  }
  return brokenEncoder((options, { hiddenSize }) => new Changed(options, hiddenSize));
}

/** A reference encoder whose last step is changed. */
export function brokenFinish(change: (encoded: EncodedTokens) => EncodedTokens): Promise<EncoderCase> {
  class Changed extends ReferenceEncoder {
    override finish(tokens: ReferenceTokens, context: Context): EncodedTokens {
      return change(super.finish(tokens, context));
    }
  }
  return brokenEncoder((options, { hiddenSize }) => new Changed(options, hiddenSize));
}

/** ReferenceTokens times a factor. */
export function scaledTokens<T extends Sequence>(tokens: T, scale: tf.Tensor | number): T {
  return withTokens(tokens, tf.mul(tokens.tokens, scale));
}
