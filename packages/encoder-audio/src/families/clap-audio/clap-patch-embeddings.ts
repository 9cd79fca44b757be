import { Module } from '@polymodal/core';
import { Conv2d, type Grid, LayerNorm, type PerAxis, perAxis } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { AttentionalFusion } from './attentional-fusion';

/** Config of {@link ClapPatchEmbeddings}: the names of HF `ClapAudioConfig`. */
export interface ClapPatchEmbeddingsConfig {
  readonly patchSize: PerAxis;
  readonly patchStride: PerAxis;
  readonly patchEmbedInputChannels: number;
  readonly patchEmbedsHiddenSize: number;
  readonly enablePatchLayerNorm: boolean;
  /** Whether recordings come with parts of themselves at a finer scale. */
  readonly enableFusion: boolean;
  /** How many times narrower the attention that fuses them is. */
  readonly affBlockR: number;
}

/**
 * Patches of pictures of sound (HF `ClapAudioPatchEmbed`), which may overlap. With fusion the first channel is the recording on
 * the whole and the others are parts of it, and for recordings that are longer than a picture their patches are fused (Wu et al.
 * 2023, section 3.3).
 */
export class ClapPatchEmbeddings extends Module {
  readonly projection: Conv2d;
  readonly norm: LayerNorm | undefined;
  /** Patches of parts, three times as long. */
  readonly local: Conv2d | undefined;
  readonly fusion: AttentionalFusion | undefined;

  constructor(config: ClapPatchEmbeddingsConfig) {
    super();
    const { patchEmbedsHiddenSize: hiddenSize, patchEmbedInputChannels, enableFusion } = config;
    const [sizes, strides] = [perAxis(config.patchSize), perAxis(config.patchStride)];
    const convolution = (stretch: number) =>
      new Conv2d({
        inChannels: patchEmbedInputChannels,
        outChannels: hiddenSize,
        kernelSize: [sizes[0], sizes[1] * stretch],
        stride: [strides[0], strides[1] * stretch],
        padding: [(sizes[0] - strides[0]) / 2, (sizes[1] - strides[1]) / 2],
      });
    this.projection = convolution(1);
    this.norm = config.enablePatchLayerNorm ? new LayerNorm(hiddenSize) : undefined;
    this.local = enableFusion ? convolution(3) : undefined;
    this.fusion = enableFusion ? new AttentionalFusion(hiddenSize, config.affBlockR) : undefined;
  }

  /**
   * @param images   (P, C, S, S)
   * @param isLonger (P, 1, 1, 1) bool, whose parts count; with fusion only
   * @returns tokens (P, rows · columns, D), row by row, and their grid
   */
  forward(
    images: tf.Tensor4D,
    isLonger: tf.Tensor4D | undefined,
  ): { readonly tokens: tf.Tensor3D; readonly grid: Grid } {
    const maps = isLonger ? this.#fused(images, isLonger) : this.projection.forward(channelsLast(images));
    const [size, rows, columns, hiddenSize] = maps.shape;
    const tokens = tf.reshape<tf.Rank.R3>(maps, [size, rows * columns, hiddenSize]);
    return { tokens: this.norm?.forward(tokens) ?? tokens, grid: [rows, columns] };
  }

  #fused(images: tf.Tensor4D, isLonger: tf.Tensor4D): tf.Tensor4D {
    const [whole, parts] = tf.split<tf.Tensor4D>(images, [1, images.shape[1] - 1], 1);
    const maps = this.projection.forward(channelsLast(whole)); // (P, H, W, D)
    const fused = this.fusion!.forward(maps, this.#partMaps(parts, maps.shape[2]));
    return tf.where(isLonger, fused, maps);
  }

  /**
   * Patches of parts, those of all parts beside one another, and zeros up to the width of the whole.
   *
   * @param parts (P, C, S, S)
   * @returns (P, H, width, D)
   */
  #partMaps(parts: tf.Tensor4D, width: number): tf.Tensor4D {
    const [size, count, ...sides] = parts.shape;
    const maps = this.local!.forward(tf.reshape(parts, [size * count, ...sides, 1])); // (P · C, H, W / C, D)
    const [, rows, columns, hiddenSize] = maps.shape;
    const apart = tf.reshape<tf.Rank.R5>(maps, [size, count, rows, columns, hiddenSize]);
    const beside = tf.reshape<tf.Rank.R4>(tf.transpose(apart, [0, 2, 1, 3, 4]), [
      size,
      rows,
      count * columns,
      hiddenSize,
    ]);
    return tf.pad4d(beside, [
      [0, 0],
      [0, 0],
      [0, width - count * columns],
      [0, 0],
    ]);
  }
}

/** (P, C, H, W) → (P, H, W, C) */
function channelsLast(images: tf.Tensor4D): tf.Tensor4D {
  const [size, channels, height, width] = images.shape;
  return channels === 1 ? tf.reshape(images, [size, height, width, 1]) : tf.transpose(images, [0, 2, 3, 1]);
}
