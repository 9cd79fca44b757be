import { inferenceContext, initialize, parseConfig, RandomKey } from '@polymodal/core';
import { CachedTokenDecoder, decodeThrough, generateTokens } from '@polymodal/generation';
import { linear } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CausalTextTransformer } from './causal-text-transformer';
import { textTransformer } from './text-transformer-definition';

const schema = z.object({ ...textTransformer.config.shape, ...textTransformer.processor.config.shape });

function encoderOf(options: object) {
  const config = parseConfig(schema, { numHiddenLayers: 2, numAttentionHeads: 2, maxLength: 80, ...options }, '');
  const processor = textTransformer.processor.create(config, { slot: 'text', savedFile: () => undefined });
  return textTransformer.create(config, { slot: 'text', hiddenSize: 16, processor });
}

function causalEncoder() {
  const encoder = encoderOf({ causal: true });
  if (!(encoder instanceof CausalTextTransformer)) throw new Error('expected a CausalTextTransformer');
  initialize(encoder, RandomKey.from(1));
  for (const [path, parameter] of encoder.parameters()) {
    const values = RandomKey.from(2).fold(path).normal(parameter.size);
    parameter.assignValues(values.map((value) => 0.3 * value));
  }
  return encoder;
}

/** With the token embeddings as the weights of a head. */
const logitsOf = <T extends tf.Tensor>({ tokenEmbeddings }: CausalTextTransformer, tokens: T) =>
  linear(tokens, tokenEmbeddings.weight.value);

/** The loop written out: all tokens anew for each one, of a text by itself. */
function continued(encoder: CausalTextTransformer, prompt: readonly number[], count: number): number[] {
  const ids = [...prompt];
  for (let step = 0; step < count; step++) {
    const next = tf.tidy(() => {
      const features = { inputIds: tf.tensor2d([ids], [1, ids.length], 'int32'), mask: tf.ones([1, ids.length]) };
      const { tokens } = encoder.encode({ rows: Int32Array.of(0), features }, inferenceContext());
      const logits = logitsOf(encoder, tokens);
      return tf.argMax(tf.slice(logits, [0, ids.length - 1, 0], [1, 1, -1]), 2).dataSync()[0];
    });
    ids.push(next);
  }
  return ids.slice(prompt.length);
}

beforeAll(() => tf.setBackend('cpu'));

describe('the encoder "transformer" that is causal', () => {
  it('writes with a head on it, with a cache what it writes without', async () => {
    const encoder = causalEncoder();
    const decoder = new CachedTokenDecoder({
      cacheSizes: encoder.cacheSizes,
      vocabSize: encoder.tokenEmbeddings.numEmbeddings,
      maxLength: encoder.maxPositionEmbeddings,
      decode: ({ features }, before) => {
        const { last, past } = decodeThrough(encoder, features, before);
        return { outputs: { logits: logitsOf(encoder, last) }, past };
      },
    });
    const prompts = [[104, 105], [33], [1, 2, 3, 4, 5, 6, 7]];
    const written = prompts.map((): number[] => []);
    const ids = prompts.map((prompt) => Int32Array.from(prompt));
    for await (const turn of generateTokens(decoder, ids, { maxNewTokens: 60 })) {
      for (const { index, id } of turn) written[index].push(id);
    }
    expect(written).toEqual(prompts.map((prompt) => continued(encoder, prompt, 60)));
    expect(new Set(written.map(String)).size).toBe(3);
    decoder.dispose();
    encoder.dispose();
  });

  it('is another class than the one that sees the whole text, which cannot be decoded', () => {
    expect(encoderOf({ causal: true })).toBeInstanceOf(CausalTextTransformer);
    expect(encoderOf({})).not.toBeInstanceOf(CausalTextTransformer);
  });
});
