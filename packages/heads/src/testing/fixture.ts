import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { decodeSafetensors } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

const path = fileURLToPath(new URL('../../fixtures/losses.safetensors', import.meta.url));
const { tensors } = decodeSafetensors(readFileSync(path), 'losses.safetensors');

/** A tensor that `tools/parity/heads.py` made with PyTorch. */
export function fixture<R extends tf.Rank>(name: string): tf.Tensor<R> {
  const { data, shape } = tensors.get(name)!;
  return tf.tensor(data, [...shape] as tf.ShapeMap[R]);
}
