import { type Context, type ModalityBatch, Module, Parameter, withTokens } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ModuleCase } from '../cases/module-case';
import { configRoundTrips } from '../checks/config-round-trips';
import { dropoutFollowsItsKey } from '../checks/dropout-follows-its-key';
import { everyParameterLearns } from '../checks/every-parameter-learns';
import { forwardChangesNoParameter } from '../checks/forward-changes-no-parameter';
import { freezingHoldsParametersAlone } from '../checks/freezing-holds-parameters-alone';
import { gradientsMatchFiniteDifferences } from '../checks/gradients-match-finite-differences';
import { noParameterIsHidden } from '../checks/no-parameter-is-hidden';
import { noTensorLeaks } from '../checks/no-tensor-leaks';
import { sameKeySameBytes } from '../checks/same-key-same-bytes';
import { trainingDiffersByDropoutAlone } from '../checks/training-differs-by-dropout-alone';
import { trainingFollowsItsKey } from '../checks/training-follows-its-key';
import { unknownOptionsAreRefused } from '../checks/unknown-options-are-refused';
import { Linear } from '../doubles/linear';
import { ReferenceEncoder, type ReferenceTokens, referenceEncoderConfig } from '../doubles/reference-encoder';
import type { ReferenceFeatures } from '../doubles/reference-processor';
import { brokenEmbedding, brokenEncoder, brokenFinish, scaledTokens } from './broken-encoder';
import { complaint } from './complaint';

describe('the kit finds a part', () => {
  it('with a parameter that it never uses', async () => {
    const subject = await brokenEncoder((options, { hiddenSize }) => {
      class Changed extends ReferenceEncoder {
        readonly unused = new Linear(2, 2);
      }
      return new Changed(options, hiddenSize);
    });
    expect(await complaint(() => everyParameterLearns(subject))).toContain(
      'parameter unused.weight: expected a gradient that is not zero, received none (so do unused.bias)',
    );
  });

  it('whose gradient is not finite', async () => {
    const root = tf.customGrad((x) => ({
      value: (x as tf.Tensor).clone(),
      gradFunc: (dy: tf.Tensor) => tf.div(dy, 0),
    }));
    const subject = await brokenFinish((encoded) => ({ ...encoded, pooled: root(encoded.pooled) as tf.Tensor2D }));
    expect(await complaint(() => everyParameterLearns(subject))).toContain('expected a finite gradient');
  });

  it('that keeps a parameter where the module tree does not see it', async () => {
    const subject = await brokenEncoder((options, { hiddenSize }) => {
      const gate = new Parameter([1], () => Float32Array.of(1));
      gate.assignValues(Float32Array.of(1));
      class Changed extends ReferenceEncoder {
        override embed(batch: ModalityBatch<ReferenceFeatures>, context: Context): ReferenceTokens {
          return scaledTokens(super.embed(batch, context), gate.value);
        }
      }
      return new Changed(options, hiddenSize);
    });
    expect(await complaint(() => noParameterIsHidden(subject))).toContain('received 1 others');
  });

  it('with a gradient of half the size', async () => {
    const half = tf.customGrad((x) => ({
      value: (x as tf.Tensor).clone(),
      gradFunc: (dy: tf.Tensor) => tf.mul(dy, 0.5),
    }));
    const subject = await brokenEmbedding((_, tokens) => withTokens(tokens, half(tokens.tokens) as tf.Tensor3D));
    expect(await complaint(() => gradientsMatchFiniteDifferences(subject))).toContain('by finite differences');
  });

  it('with a gradient that lacks one of its columns', async () => {
    const column = tf.customGrad((x) => ({
      value: (x as tf.Tensor).clone(),
      gradFunc: (dy: tf.Tensor) => tf.mul(dy, tf.concat([tf.zeros([1]), tf.ones([15])])),
    }));
    const subject = await brokenEmbedding((_, tokens) => withTokens(tokens, column(tokens.tokens) as tf.Tensor3D));
    expect(await complaint(() => gradientsMatchFiniteDifferences(subject))).toContain('by finite differences');
  });

  it('with a wrong gradient of a parameter that matters little', async () => {
    const twice = tf.customGrad((x) => ({
      value: (x as tf.Tensor).clone(),
      gradFunc: (dy: tf.Tensor) => tf.mul(dy, 2),
    }));
    const subject = await brokenEncoder((options, { hiddenSize }) => {
      class Changed extends ReferenceEncoder {
        readonly shift = new Parameter([hiddenSize], (_, key) => key.normal(hiddenSize));
        override embed(batch: ModalityBatch<ReferenceFeatures>, context: Context): ReferenceTokens {
          const tokens = super.embed(batch, context);
          return withTokens(tokens, tf.add(tokens.tokens, tf.mul(twice(this.shift.value), 1e-3)));
        }
      }
      return new Changed(options, hiddenSize);
    });
    expect(await complaint(() => gradientsMatchFiniteDifferences(subject))).toContain('gradient of shift');
  });

  it('whose initial parameters do not come from the key', async () => {
    let calls = 0;
    const subject = await brokenEncoder((options, { hiddenSize }) => {
      class Changed extends ReferenceEncoder {
        readonly gate = new Parameter([1], () => Float32Array.of(++calls));
        override embed(batch: ModalityBatch<ReferenceFeatures>, context: Context): ReferenceTokens {
          return scaledTokens(super.embed(batch, context), this.gate.value);
        }
      }
      return new Changed(options, hiddenSize);
    });
    expect(await complaint(() => sameKeySameBytes(subject))).toContain('initial parameters of the same key: gate[0]');
  });

  it('whose initial parameters take no notice of the key', async () => {
    class Constant extends Module {
      readonly weight = new Parameter([3, 2], () => new Float32Array(6).fill(1));
    }
    const subject = await brokenEncoder((options, { hiddenSize }) => {
      const encoder = new ReferenceEncoder(options, hiddenSize);
      Object.assign(encoder, {
        layers: [new Constant()],
        projection: new Constant(),
        output: new Constant(),
        depth: 0,
      });
      encoder.encode = ({ rows, features }) => ({
        tokens: tf.zeros([rows.length, 1, 16]),
        mask: tf.ones([rows.length, 1]),
        pooled: tf.zeros([rows.length, 16]),
        rows: features.values ? rows : new Int32Array(0),
      });
      return encoder;
    });
    expect(await complaint(() => sameKeySameBytes(subject))).toContain('expected others for another key');
  });

  it('whose second pass gives another result than its first', async () => {
    let passes = 0;
    const subject = await brokenEmbedding((_, tokens) => scaledTokens(tokens, ++passes));
    expect(await complaint(() => sameKeySameBytes(subject))).toContain('a second forward pass');
  });

  it('whose dropout draws from the system', async () => {
    let passes = 0;
    const subject = await brokenEmbedding((_, tokens, __, { training }) =>
      scaledTokens(tokens, training ? ++passes : 1),
    );
    expect(await complaint(() => trainingFollowsItsKey(subject))).toContain('training passes of one key');
  });

  it('with a dropout option that does nothing', async () => {
    const subject = await brokenEncoder(({ numHiddenLayers }, { hiddenSize }) => {
      return new ReferenceEncoder({ numHiddenLayers, hiddenDropout: 0 }, hiddenSize);
    });
    expect(await complaint(() => dropoutFollowsItsKey(subject))).toContain(
      'hiddenDropout at 0.5: expected training passes',
    );
  });

  it('whose dropout acts in inference', async () => {
    const subject = await brokenEncoder((options, { hiddenSize }) => {
      class Changed extends ReferenceEncoder {
        override embed(batch: ModalityBatch<ReferenceFeatures>, context: Context): ReferenceTokens {
          return scaledTokens(super.embed(batch, context), 1 - options.hiddenDropout);
        }
      }
      return new Changed(options, hiddenSize);
    });
    expect(await complaint(() => dropoutFollowsItsKey(subject))).toContain('inference with and without dropout');
  });

  it('that does something else than dropout in training', async () => {
    const subject = await brokenEmbedding((_, tokens, __, { training }) => scaledTokens(tokens, training ? 1.01 : 1));
    expect(await complaint(() => trainingDiffersByDropoutAlone(subject))).toContain('training without dropout');
  });

  it('that counts its passes in a parameter', async () => {
    const subject = await brokenEmbedding((encoder, tokens) => {
      encoder.output.bias.assign(tf.add(encoder.output.bias.value, 1));
      return tokens;
    });
    expect(await complaint(() => forwardChangesNoParameter(subject))).toContain(
      'parameters after a training pass: output.bias',
    );
  });

  it('that behaves otherwise where a parameter is frozen', async () => {
    const subject = await brokenEmbedding((encoder, tokens) => {
      return encoder.projection.weight.trainable ? tokens : scaledTokens(tokens, 1.01);
    });
    expect(await complaint(() => freezingHoldsParametersAlone(subject))).toContain('frozen parameters: loss');
  });

  it('that ties a frozen parameter to another', async () => {
    const subject = await brokenEmbedding((encoder, tokens) => {
      const { weight, bias } = encoder.projection;
      if (!weight.trainable) weight.assign(tf.add(weight.value, tf.sum(bias.value)));
      return tokens;
    });
    expect(await complaint(() => freezingHoldsParametersAlone(subject))).toContain('frozen parameters');
  });

  it('that keeps a tensor a pass', async () => {
    const subject = await brokenEmbedding((_, tokens) => ({ ...tokens, tokens: tf.keep(tokens.tokens.clone()) }));
    expect(await complaint(() => noTensorLeaks(subject))).toContain('received 4 more than before');
  });

  it('that does not free what it keeps', async () => {
    const subject = await brokenEncoder((options, { hiddenSize }) => {
      class Changed extends ReferenceEncoder {
        readonly table = tf.keep(tf.ones([1]));
      }
      return new Changed(options, hiddenSize);
    });
    expect(await complaint(() => noTensorLeaks(subject))).toContain('calling dispose(), received 1 more');
  });

  it('whose config is not JSON', async () => {
    const schema = referenceEncoderConfig.extend({ scale: z.number().or(z.null()).default(1) });
    const subject = await brokenEncoder(
      (options, { hiddenSize }) => new ReferenceEncoder(options, hiddenSize),
      { scale: Number.POSITIVE_INFINITY },
      schema.extend({ scale: z.custom<number>().transform(String) }),
    );
    expect(await complaint(() => configRoundTrips(subject))).toContain('expected the same options after JSON');
  });

  it('with an option called "use"', async () => {
    const subject = await brokenEncoder(
      (options, { hiddenSize }) => new ReferenceEncoder(options, hiddenSize),
      {},
      referenceEncoderConfig.extend({ use: z.string().default('') }),
    );
    expect(await complaint(() => unknownOptionsAreRefused(subject))).toContain('option "use"');
  });

  it('that takes options which it does not know', async () => {
    const subject: ModuleCase = await brokenEncoder(
      (options, { hiddenSize }) => new ReferenceEncoder(options, hiddenSize),
    );
    const lenient = { ...subject, schema: z.looseObject(subject.schema.shape) };
    expect(await complaint(() => unknownOptionsAreRefused(lenient))).toContain('expected a ConfigError');
  });
});
