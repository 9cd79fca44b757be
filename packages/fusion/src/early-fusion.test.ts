import {
  ConfigError,
  type Encoders,
  inferenceContext,
  initialize,
  parseConfig,
  RandomKey,
  UnknownNameError,
} from '@polymodal/core';
import { sinusoidalPositions } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type EarlyFusion, early } from './early-fusion';
import { maskedTransformer } from './masked-transformer';
import { fill, fixedBatch, fixedEncoders, pooledRows, type TestModality } from './testing/fixed-encoder';

const hiddenSize = 8;
const rows: TestModality[][] = [['image', 'text', 'audio'], ['text'], ['image', 'audio']];
const small = { numHiddenLayers: 2, numAttentionHeads: 2, intermediateSize: 12 };

function create(options: Record<string, unknown> = {}, encoders: Encoders = fixedEncoders({ depth: 2 })): EarlyFusion {
  const fusion = early.create(parseConfig(early.config, { ...small, ...options }, 'fusion'), { hiddenSize, encoders });
  fill(fusion);
  return fusion as EarlyFusion;
}

/** The Transformer that PyTorch agrees with, over tokens as they are: its encoders have no layers. */
function lateFusion() {
  const fusion = maskedTransformer.create(parseConfig(maskedTransformer.config, small, 'fusion'), {
    hiddenSize,
    encoders: fixedEncoders(),
  });
  fill(fusion);
  return fusion;
}

describe('the fusion early', () => {
  it('is the joint Transformer over what encoders embed: their layers are not run', () => {
    const batch = fixedBatch(rows);
    const expected = pooledRows(lateFusion(), fixedEncoders(), batch);
    expect(pooledRows(create(), fixedEncoders({ depth: 2 }), batch)).toEqual(expected);
    expect(pooledRows(lateFusion(), fixedEncoders({ depth: 2 }), batch)).not.toEqual(expected);
  });

  it('adds sinusoids to the tokens of modalities without positions, by their place among those that take part', () => {
    const padded = fixedBatch([['text']]);
    const { features } = padded.modalities.text;
    const [first, second] = tf.split(features.tokens as tf.Tensor3D, 2, 1);
    const positions = tf.expandDims(sinusoidalPositions(2, 4), 0);
    const placed = tf.add(tf.concat([first, second], 1), positions);
    const withText = (tokens: tf.Tensor, mask: number[]) => ({
      ...padded,
      modalities: { text: { ...padded.modalities.text, features: { tokens, mask: tf.tensor2d([mask]) } } },
    });
    const fusion = create({ positions: ['text'] });
    const encoders = fixedEncoders();
    // padding on the left counts nothing
    const given = withText(tf.concat([tf.fill([1, 1, 4], Number.NaN), first, second], 1), [0, 1, 1]);
    const [actual] = pooledRows(fusion, encoders, given);
    const [expected] = pooledRows(create(), encoders, withText(placed, [1, 1]));
    expect(Math.max(...actual.map((value, d) => Math.abs(value - expected[d])))).toBeLessThan(1e-6);
    expect(actual).not.toEqual(pooledRows(create(), encoders, given)[0]);
  });

  it('has interactions that begin as they are given, and learns those that are not 0', () => {
    const given = { interactions: { image: { text: 0.5, audio: 0 } } };
    const fixed = create(given);
    const learned = create({ ...given, learnInteractions: true });
    const parameter = learned.interactions.logits!;
    parameter.assignValues(Float32Array.of(40, 0, 3, 40, 40, 40, 40, 40, 40)); // σ: 1, 0.5, (excluded), 1 …
    const encoders = fixedEncoders();
    const batch = fixedBatch(rows);
    const [expected, actual] = [fixed, learned].map((fusion) => pooledRows(fusion, encoders, batch).flat());
    expect(Math.max(...actual.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(1e-6);

    const loss = () => tf.sum(tf.square(learned.forward(encoders, batch, inferenceContext()).tokens)) as tf.Scalar;
    const { grads } = tf.variableGrads(loss, [parameter.value as tf.Variable]);
    const gradient = Object.values(grads)[0].dataSync();
    expect(gradient[2]).toBe(0);
    expect(Math.abs(gradient[1])).toBeGreaterThan(1e-5);
  });

  it('begins learned interactions at the given weights, and at 0.98 where they are 1', () => {
    const options = { ...small, interactions: { image: { text: 0.5, audio: 0 } }, learnInteractions: true };
    const fusion = early.create(parseConfig(early.config, options, 'fusion'), {
      hiddenSize,
      encoders: fixedEncoders(),
    }) as EarlyFusion;
    initialize(fusion, RandomKey.from(1));
    const [image, text] = fusion.interactions.weights!.arraySync();
    expect(image.map((weight) => weight.toFixed(4))).toEqual(['0.9800', '0.5000', '0.0000']);
    expect(text.map((weight) => weight.toFixed(4))).toEqual(['0.9800', '0.9800', '0.9800']);
  });

  it('goes from some interactions to others in a straight line, as training proceeds', () => {
    const [from, halfway, to] = [0, 0.25, 0.5].map((audio) => ({ image: { text: 1 - audio, audio } }));
    const scheduled = create({ interactions: from, scheduleInteractions: { to, steps: 8 } });
    const encoders = fixedEncoders();
    const batch = fixedBatch(rows);
    const expectLike = (interactions: object) =>
      expect(pooledRows(scheduled, encoders, batch)).toEqual(pooledRows(create({ interactions }), encoders, batch));
    scheduled.interactions.steps!.assignValues(new Float32Array(1));
    expectLike(from);
    scheduled.interactions.steps!.advance(4);
    expectLike(halfway);
    scheduled.interactions.steps!.advance(50);
    expectLike(to);
    expect(scheduled.interactions.steps!.trainable).toBe(false);
  });

  it('names what is wrong in its options', () => {
    const schedule = { scheduleInteractions: { to: { image: { text: 0 } }, steps: 5 } };
    expect(() => create({ learnInteractions: true, ...schedule })).toThrow(
      'fusion.scheduleInteractions: expected interactions that are either learned or scheduled, received both options.',
    );
    expect(() => create({ scheduleInteractions: { to: { image: { txt: 0 } }, steps: 5 } })).toThrow(
      /fusion\.scheduleInteractions\.to: .*"txt"/,
    );
    expect(() => create({ positions: ['txt'] })).toThrow(UnknownNameError);
    expect(() => create({ positions: ['audio'] })).toThrow(ConfigError); // of width 5
  });
});
