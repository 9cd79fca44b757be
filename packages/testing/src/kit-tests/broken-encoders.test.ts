import {
  type Context,
  type EncodedTokens,
  type Features,
  type ModalityBatch,
  type Processor,
  withTokens,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { foreignTokensAreTaken } from '../checks/foreign-tokens-are-taken';
import { paddingCannotLeak, withoutPadding } from '../checks/padding-cannot-leak';
import { rowsAreIndependent } from '../checks/rows-are-independent';
import { stepsMakeTheEncoding } from '../checks/steps-make-the-encoding';
import { tokensAreCounted } from '../checks/tokens-are-counted';
import { tokensKeepTheirShapes } from '../checks/tokens-keep-their-shapes';
import { ReferenceEncoder } from '../doubles/reference-encoder';
import { ReferenceProcessor, type ReferenceRow } from '../doubles/reference-processor';
import { brokenAdopt, brokenEmbedding, brokenEncoder, brokenFinish } from './broken-encoder';
import { complaint } from './complaint';

const inference = { training: false };

describe('the kit finds an encoder', () => {
  it('that drops the positions of its rows', async () => {
    const subject = await brokenFinish((encoded) => ({ ...encoded, rows: Int32Array.from(encoded.rows.keys()) }));
    expect(await complaint(() => tokensKeepTheirShapes(subject))).toContain('rows: expected [1], received [0]');
  });

  it('whose pooled vectors have another width than its tokens', async () => {
    const subject = await brokenFinish((encoded) => ({
      ...encoded,
      pooled: tf.concat([encoded.pooled, encoded.pooled], 1),
    }));
    expect(await complaint(() => tokensKeepTheirShapes(subject))).toContain('pooled: expected [1,16] of float32');
  });

  it('whose mask is not 0 or 1', async () => {
    const subject = await brokenFinish((encoded) => ({ ...encoded, mask: tf.mul(encoded.mask, 0.5) }));
    expect(await complaint(() => tokensKeepTheirShapes(subject))).toContain('expected 0 and 1 alone, received 0.5');
  });

  it('whose outputs are not finite', async () => {
    const subject = await brokenFinish((encoded) => ({ ...encoded, pooled: tf.div(encoded.pooled, 0) }));
    expect(await complaint(() => tokensKeepTheirShapes(subject))).toContain('pooled: expected finite values');
  });

  it('whose encode() does something else than its steps', async () => {
    const subject = await brokenEncoder((options, { hiddenSize }) => {
      class Changed extends ReferenceEncoder {
        override encode(batch: ModalityBatch, context: Context): EncodedTokens {
          const encoded = super.encode(batch, context);
          return { ...encoded, pooled: tf.neg(encoded.pooled) };
        }
      }
      return new Changed(options, hiddenSize);
    });
    expect(await complaint(() => stepsMakeTheEncoding(subject))).toContain('embed, layers and finish');
  });

  it('that says another width of its tokens than they have on the way', async () => {
    const subject = await brokenEncoder((options, { hiddenSize }) => {
      class Changed extends ReferenceEncoder {
        override widthAt(index: number): number {
          return index === 1 ? 2 * hiddenSize : hiddenSize;
        }
      }
      return new Changed(options, hiddenSize);
    });
    expect(await complaint(() => stepsMakeTheEncoding(subject))).toContain('layer 0: expected tokens (4, N, 32)');
  });

  it('that counts what it pads among its tokens', async () => {
    const subject = await brokenEncoder((options, { hiddenSize }) => {
      class Changed extends ReferenceEncoder {
        override tokenCount({ values }: ReferenceRow): number {
          return 4 * Math.ceil(values.shape[0] / 4);
        }
      }
      return new Changed(options, hiddenSize);
    });
    expect(await complaint(() => tokensAreCounted(subject))).toMatch(/before layer 0 of row \d: expected tokenCount/);
  });

  it('whose stages are not those of its steps', async () => {
    const subject = await brokenEncoder((options, { hiddenSize }) => {
      class Changed extends ReferenceEncoder {
        override encodeStages(batch: ModalityBatch, context: Context) {
          const { stages, encoded } = super.encodeStages(batch, context);
          return { stages: [...stages].reverse(), encoded };
        }
      }
      return new Changed(options, hiddenSize);
    });
    expect(await complaint(() => stepsMakeTheEncoding(subject))).toContain('encodeStages');
  });

  it('whose vector by itself is not that beside its tokens', async () => {
    const subject = await brokenEncoder((options, { hiddenSize }) => {
      class Changed extends ReferenceEncoder {
        override lastLayerForPooled(tokens: Parameters<ReferenceEncoder['layer']>[1], context: Context) {
          const { tokens: values, mask, ...rest } = this.layer(this.depth - 1, tokens, context);
          return { ...rest, tokens: tf.slice(values, [0, 0, 0], [-1, 1, -1]), mask: tf.slice(mask, [0, 0], [-1, 1]) };
        }
      }
      return new Changed(options, hiddenSize);
    });
    expect(await complaint(() => stepsMakeTheEncoding(subject))).toContain('encodePooled');
  });

  it('that hands on what it keeps of its tokens when it has finished', async () => {
    const subject = await brokenFinish((encoded) => ({ ...encoded, state: { mask: encoded.mask } }));
    expect(await complaint(() => tokensKeepTheirShapes(subject))).toContain('received state beside them');
  });

  it('whose layers see tokens of others that take no part', async () => {
    const subject = await brokenAdopt((sequence) => ({ ...sequence, mask: tf.onesLike(sequence.mask) }));
    expect(await complaint(() => foreignTokensAreTaken(subject))).toContain('99 in those masked');
  });

  it('that places tokens of others by what stands beside them', async () => {
    const subject = await brokenAdopt((sequence) => {
      return withTokens(sequence, tf.add(sequence.tokens, sequence.rows.length) as tf.Tensor3D);
    });
    expect(await complaint(() => foreignTokensAreTaken(subject))).toContain('row 0 alone');
  });

  it('that subtracts the mean of the batch', async () => {
    const subject = await brokenFinish((encoded) => ({
      ...encoded,
      pooled: tf.sub(encoded.pooled, tf.mean(encoded.pooled, 0, true)),
    }));
    expect(await complaint(() => rowsAreIndependent(subject))).toContain('against the row alone');
  });

  it('whose result depends on how far its row was padded', async () => {
    const subject = await brokenFinish((encoded) => ({
      ...encoded,
      pooled: tf.mean(encoded.tokens, 1) as tf.Tensor2D,
    }));
    expect(await complaint(() => rowsAreIndependent(subject))).toContain('against the row alone');
  });

  it('that multiplies padding by its mask, so that NaN stays', async () => {
    const subject = await brokenEmbedding((encoder, tokens, { features }) => {
      const values = tf.mul(features.values, tf.expandDims(tokens.mask, 2)) as tf.Tensor3D;
      return withTokens(tokens, encoder.projection.forward(values));
    });
    expect(await complaint(() => paddingCannotLeak(subject))).toContain('with NaN in padding, outputs');
  });

  it('that reads padding, though all rows of the case have one extent and fill their bucket', async () => {
    const subject = await brokenEmbedding((encoder, tokens, { features }) =>
      withTokens(tokens, encoder.projection.forward(features.values)),
    );
    const rows = [1, 2].map(
      (value) => subject.processor.process(new Float32Array(12).fill(value), inference) as Features,
    );
    expect(subject.processor.collate(rows).values.shape).toEqual([2, 4, 3]);
    const full = { ...subject, rows };
    expect(withoutPadding(full)).toBeUndefined();
    expect(await complaint(() => paddingCannotLeak(full))).toContain('with NaN in padding');
  });

  it('that cleans padding after its first layer, so that NaN stays in gradients', async () => {
    const subject = await brokenEmbedding((encoder, tokens, { features }) => {
      const projected = encoder.projection.forward(features.values);
      const valid = tf.broadcastTo(tf.cast(tf.expandDims(tokens.mask, 2), 'bool'), projected.shape);
      return withTokens(tokens, tf.where(valid, projected, tf.zerosLike(projected)));
    });
    expect(await complaint(() => paddingCannotLeak(subject))).toContain('with NaN in padding, gradients');
  });

  it('whose processor renames what it pads, so that padding cannot be tested', async () => {
    const subject = await brokenEncoder((options, { hiddenSize }) => new ReferenceEncoder(options, hiddenSize));
    const collate = (...given: Parameters<Processor['collate']>) => {
      const { values, ...rest } = subject.processor.collate(...given);
      return { padded: values, ...rest };
    };
    const renamed = { ...subject, processor: Object.assign(new ReferenceProcessor(4), { collate }) };
    expect(await complaint(() => paddingCannotLeak(renamed))).toContain('of which none shows where it is padded');
  });
});
