import { type Context, type ModalityBatch, ShapeError, type Tokens } from '@polymodal/core';
import { allTokens, BatchNorm, type Grid, type GridState, SwinTower, type SwinTowerConfig } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { ClapFeatures } from '../../preprocessing/clap-feature-extractor';
import { ClapPatchEmbeddings, type ClapPatchEmbeddingsConfig } from './clap-patch-embeddings';
import { melImages } from './mel-images';

/** What a {@link ClapAudioEncoder} is made from: the names of HF `ClapAudioConfig`. */
export interface ClapAudioEncoderConfig
  extends ClapPatchEmbeddingsConfig,
    Omit<SwinTowerConfig, 'finalNormEps' | 'attentionOutputDropoutProb'> {
  /** Side of the square that a spectrogram is folded into. */
  readonly specSize: number;
  readonly numMelBins: number;
}

/**
 * The audio tower of CLAP (Wu et al. 2023; HF `ClapAudioModel`): HTS-AT (Chen et al. 2022), a Swin Transformer over a log-mel
 * spectrogram that is folded into a square. {@link layer} is a stage. The vector of a recording is the mean of its tokens.
 *
 * In a model with fusion the channels after the first are parts of the recording where it `isLonger`, and do not count where not.
 */
export class ClapAudioEncoder extends SwinTower {
  /** Over the bins. */
  readonly batchNorm: BatchNorm;
  readonly embeddings: ClapPatchEmbeddings;
  readonly specSize: number;
  readonly enableFusion: boolean;
  readonly numChannels: number;

  constructor(config: ClapAudioEncoderConfig) {
    super({ ...config, finalNormEps: 1e-5, attentionOutputDropoutProb: config.attentionProbsDropoutProb }); // as in Python
    this.specSize = config.specSize;
    this.enableFusion = config.enableFusion;
    this.numChannels = config.patchEmbedInputChannels;
    this.batchNorm = new BatchNorm(config.numMelBins);
    this.embeddings = new ClapPatchEmbeddings(config);
  }

  /** @throws ShapeError for spectrograms that are not those of the config, or without `isLonger` where it is needed */
  embed({ features, rows }: ModalityBatch<ClapFeatures>, _context: Context): Tokens<GridState> {
    const inputs = features.inputFeatures;
    this.#check(inputs);
    const isLonger = this.enableFusion ? asFlags(features.isLonger, rows.length) : undefined;
    const spectrograms = this.batchNorm.forward(isLonger ? withoutUnusedParts(inputs, isLonger) : inputs);
    const images = melImages(spectrograms, this.specSize, Math.floor(this.specSize / this.batchNorm.size));
    const { tokens, grid } = this.embeddings.forward(images, isLonger);
    return { ...allTokens(tokens, rows), state: { grid } };
  }

  /** All recordings are folded into one square. */
  protected override gridOf(): Grid {
    return this.embeddings.projection.outputSize(this.specSize, this.specSize);
  }

  #check(inputs: tf.Tensor4D): void {
    const [, channels, , bins] = inputs.shape;
    const numChannels = this.enableFusion ? 1 + numParts : this.numChannels;
    if (inputs.rank !== 4 || bins !== this.batchNorm.size || channels !== numChannels) {
      throw new ShapeError({
        where: 'inputFeatures',
        expected: `shape [P, ${numChannels}, frames, ${this.batchNorm.size}]`,
        received: `[${inputs.shape}]`,
        hint: 'Use the processor that stands beside the model: with and without fusion it makes different features.',
      });
    }
  }
}

/** The front, middle and back of a longer recording. */
const numParts = 3;

/** (P) numbers → (P, 1, 1, 1) bool */
function asFlags(isLonger: tf.Tensor1D | undefined, size: number): tf.Tensor4D {
  if (isLonger?.size !== size) {
    throw new ShapeError({
      where: 'isLonger',
      expected: `shape [${size}], since the model fuses parts of longer recordings`,
      received: isLonger ? `[${isLonger.shape}]` : 'nothing',
    });
  }
  return tf.cast(tf.reshape<tf.Rank.R4>(isLonger, [isLonger.size, 1, 1, 1]), 'bool');
}

/** Zeros in place of the parts of recordings that are not longer: whatever stands there reaches nothing. */
function withoutUnusedParts(inputs: tf.Tensor4D, isLonger: tf.Tensor4D): tf.Tensor4D {
  const [whole, parts] = tf.split<tf.Tensor4D>(inputs, [1, inputs.shape[1] - 1], 1);
  return tf.concat([whole, tf.where(isLonger, parts, tf.zerosLike(parts))], 1);
}
