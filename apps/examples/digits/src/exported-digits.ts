import { inferenceContext } from '@polymodal/core';
import type { ExpertLogits } from '@polymodal/heads';
import * as tf from '@tensorflow/tfjs-core';
import { digitsModel, type FusionName } from './digits-model';

/** Sizes that a batch of digits may vary in. */
interface Sizes {
  readonly batch: number;
  /** Bytes of the texts, padded. */
  readonly length: number;
}

/**
 * The digits model over pictures and text as a function of tensors, to export: with what it takes, and inputs of sizes
 * that are not traced. Batch and text length may vary.
 */
export function exportedDigits(fusion: FusionName) {
  const model = digitsModel(fusion, 0);
  const fn = ({ pixelValues, inputIds, mask }: tf.NamedTensorMap): tf.NamedTensorMap => {
    const size = pixelValues.shape[0];
    const rows = Int32Array.from({ length: size }, (_, row) => row);
    const modalities = {
      image: { rows, features: { pixelValues } },
      text: { rows, features: { inputIds, mask } },
    };
    const { heads, fused } = model.forward({ size, modalities, targets: {} }, inferenceContext(), ['digit']);
    return { logits: logitsOf(heads.digit.output), pooled: fused.pooled };
  };
  return {
    fn,
    example: inputs({ batch: 6, length: 12 }),
    options: {
      dynamicAxes: {
        pixelValues: { 0: 'batch' },
        inputIds: { 0: 'batch', 1: 'length' },
        mask: { 0: 'batch', 1: 'length' },
      },
    },
    others: () => [inputs({ batch: 1, length: 3 }), inputs({ batch: 3, length: 24 }), inputs({ batch: 17, length: 8 })],
  };
}

function logitsOf(output: unknown): tf.Tensor {
  return output instanceof tf.Tensor ? output : (output as ExpertLogits).logits;
}

/** Every third row is padded to half its length. */
function inputs({ batch, length }: Sizes): tf.NamedTensorMap {
  const wave = (count: number, step: number) =>
    Float32Array.from({ length: count }, (_, i) => Math.sin(step * (i + 1)));
  const isKept = (i: number) => Math.floor(i / length) % 3 !== 2 || i % length < length / 2;
  return {
    pixelValues: tf.tensor4d(wave(batch * 28 * 28, 0.7), [batch, 28, 28, 1]),
    inputIds: tf.tensor2d(
      Int32Array.from(wave(batch * length, 1.3), (value) => Math.floor(127 * Math.abs(value))),
      [batch, length],
      'int32',
    ),
    mask: tf.tensor2d(
      Float32Array.from({ length: batch * length }, (_, i) => (isKept(i) ? 1 : 0)),
      [batch, length],
    ),
  };
}
