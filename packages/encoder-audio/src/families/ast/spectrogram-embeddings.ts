import { type Context, Module, Parameter, ShapeError } from '@polymodal/core';
import { Conv2d, dropout, repeatRows, truncatedNormal } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/** Config of {@link SpectrogramEmbeddings}: the names of HF `ASTConfig`. */
export interface SpectrogramEmbeddingsConfig {
  readonly hiddenSize: number;
  /** Frames and bins that a patch spans. */
  readonly patchSize: number;
  /** From one patch to the next, less than a patch. */
  readonly frequencyStride: number;
  readonly timeStride: number;
  /** Frames of a recording. */
  readonly maxLength: number;
  readonly numMelBins: number;
  readonly hiddenDropoutProb: number;
}

/**
 * Spectrograms as tokens (Gong et al. 2021, section 2.1; HF `ASTEmbeddings`): a class and a distillation token, then patches
 * that overlap, from low to high frequencies and for each through time; learned positions.
 */
export class SpectrogramEmbeddings extends Module {
  readonly projection: Conv2d;
  /** (1, D) */
  readonly classToken: Parameter<tf.Rank.R2>;
  /** (1, D) */
  readonly distillationToken: Parameter<tf.Rank.R2>;
  /** (N, D) */
  readonly positions: Parameter<tf.Rank.R2>;
  readonly #config: SpectrogramEmbeddingsConfig;

  constructor(config: SpectrogramEmbeddingsConfig) {
    super();
    const { hiddenSize, patchSize, frequencyStride, timeStride } = config;
    this.#config = config;
    this.projection = new Conv2d({
      inChannels: 1,
      outChannels: hiddenSize,
      kernelSize: patchSize,
      stride: [frequencyStride, timeStride],
    });
    const [rows, columns] = this.projection.outputSize(config.numMelBins, config.maxLength);
    const tokens = (count: number) => new Parameter<tf.Rank.R2>([count, hiddenSize], truncatedNormal(0.02));
    this.classToken = tokens(1);
    this.distillationToken = tokens(1);
    this.positions = tokens(rows * columns + 2);
  }

  /**
   * @param inputFeatures (P, F, M) frames
   * @returns (P, N, D)
   * @throws ShapeError for recordings that were not filled up to the one length
   */
  forward(inputFeatures: tf.Tensor3D, context: Context): tf.Tensor3D {
    const { maxLength, numMelBins, hiddenSize, hiddenDropoutProb } = this.#config;
    const [batch, frames, bins] = inputFeatures.shape;
    if (frames !== maxLength || bins !== numMelBins) {
      throw new ShapeError({
        where: 'inputFeatures',
        expected: `[P, ${maxLength}, ${numMelBins}]: max_length frames of num_mel_bins`,
        received: `[${inputFeatures.shape.join(', ')}]`,
        hint: 'Fill recordings up to the one length that the model has positions for.',
      });
    }
    const picture = tf.expandDims<tf.Tensor4D>(tf.transpose(inputFeatures, [0, 2, 1]), 3); // (P, M, F, 1)
    const patches = tf.reshape<tf.Rank.R3>(this.projection.forward(picture), [batch, -1, hiddenSize]);
    const inEachRow = (token: Parameter<tf.Rank.R2>) => repeatRows(tf.expandDims<tf.Tensor3D>(token.value, 0), batch);
    const tokens = tf.concat([inEachRow(this.classToken), inEachRow(this.distillationToken), patches], 1);
    return dropout(tf.add<tf.Tensor3D>(tokens, this.positions.value), hiddenDropoutProb, context, this);
  }
}
