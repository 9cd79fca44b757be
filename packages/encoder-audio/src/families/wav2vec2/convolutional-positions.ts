import { Module } from '@polymodal/core';
import { type Activation, type ActivationName, activation, BatchNorm, Conv1d, zeroPadding } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { WeightNormConv1d } from './weight-norm-conv1d';

/** Config of {@link ConvolutionalPositions}: the names of HF `HubertConfig`. */
export interface ConvolutionalPositionsConfig {
  readonly hiddenSize: number;
  /** Frames that the convolution spans. */
  readonly numConvPosEmbeddings: number;
  readonly numConvPosEmbeddingGroups: number;
  /** Whether a batch norm stands before the convolution, in place of weight norm. */
  readonly convPosBatchNorm: boolean;
  readonly featExtractActivation: ActivationName;
}

/**
 * Positions relative to one another, by a wide convolution in groups of features (Baevski et al. 2020, section 2; HF
 * `Wav2Vec2PositionalConvEmbedding`, `HubertPositionalConvEmbedding`).
 */
export class ConvolutionalPositions extends Module {
  readonly batchNorm: BatchNorm | undefined;
  readonly convolution: WeightNormConv1d | Conv1d;
  readonly #activation: Activation;

  constructor(config: ConvolutionalPositionsConfig) {
    super();
    const { hiddenSize, numConvPosEmbeddings } = config;
    const convolution = {
      inChannels: hiddenSize,
      outChannels: hiddenSize,
      kernelSize: numConvPosEmbeddings,
      padding: Math.floor(numConvPosEmbeddings / 2),
      groups: config.numConvPosEmbeddingGroups,
    };
    this.batchNorm = config.convPosBatchNorm ? new BatchNorm(hiddenSize) : undefined;
    this.convolution = config.convPosBatchNorm ? new Conv1d(convolution) : new WeightNormConv1d(convolution);
    this.#activation = activation(config.featExtractActivation);
  }

  /**
   * @param frames (B, N, D), 0 in padding
   * @param mask   (B, N), 1 = takes part
   * @returns (B, N, D)
   */
  forward(frames: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor3D {
    const normed = this.batchNorm ? zeroPadding(this.batchNorm.forward(frames), mask) : frames;
    const convolved = this.convolution.forward(normed); // an even kernel gives one frame too many
    return this.#activation(tf.slice(convolved, 0, [...frames.shape]));
  }
}
