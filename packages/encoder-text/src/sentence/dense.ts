import { decodeSafetensors, FileFormatError } from '@polymodal/core';
import { parseJsonFile } from '@polymodal/hub';
import { type Activation, activation } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { VectorLayer } from './sentence-encoder';

/** A linear layer over the vectors of texts and a function of its numbers (`Dense` of sentence-transformers). It stays as it is. */
export class Dense implements VectorLayer {
  constructor(
    readonly inFeatures: number,
    readonly outFeatures: number,
    /** (outFeatures, inFeatures) */
    readonly weight: Float32Array,
    readonly bias: Float32Array | undefined,
    readonly activation: Activation,
  ) {}

  /** (P, inFeatures) → (P, outFeatures) */
  forward(x: tf.Tensor2D): tf.Tensor2D {
    const weight = tf.tensor2d(this.weight, [this.outFeatures, this.inFeatures]);
    const product = tf.matMul(x, weight, false, true) as tf.Tensor2D;
    return this.activation(this.bias ? tf.add<tf.Tensor2D>(product, tf.tensor1d(this.bias)) : product);
  }
}

const config = z.strictObject({
  in_features: z.int().positive(),
  out_features: z.int().positive(),
  bias: z.boolean().default(true),
  activation_function: z.string().default('torch.nn.modules.activation.Tanh'),
  module_input_name: z.literal('sentence_embedding').nullish(),
  module_output_name: z.literal('sentence_embedding').nullish(),
});

/** Of PyTorch, the classes that a config names. */
const activations: Readonly<Record<string, Activation>> = {
  Identity: (x) => x,
  Tanh: activation('tanh'),
  ReLU: activation('relu'),
  GELU: activation('gelu'),
  Sigmoid: activation('sigmoid'),
  SiLU: activation('silu'),
};

/**
 * Reads `config.json` and `model.safetensors` in the folder of a Dense.
 *
 * @param path of the folder, beside the weights of the model
 * @throws FileFormatError for files that are missing or malformed, an activation that is not known, and weights of another shape
 */
export function readDense(files: ReadonlyMap<string, Uint8Array>, path: string): Dense {
  const where = `${path}/config.json`;
  const options = parseJsonFile(required(files, where, 'the config of the dense layer'), where, config);
  const { in_features, out_features, bias: hasBias, activation_function } = options;
  const name = /^torch\.nn\.modules\.(?:activation|linear)\.(\w+)$/.exec(activation_function)?.[1];
  if (name === undefined || !Object.hasOwn(activations, name)) {
    const expected = `one of ${Object.keys(activations).join(', ')} of PyTorch`;
    throw new FileFormatError({ where: `${where}, activation_function`, expected, received: activation_function });
  }
  const place = `${path}/model.safetensors`;
  const hint = 'Load the folder with sentence-transformers of today in Python and save it again.';
  const { tensors } = decodeSafetensors(required(files, place, 'the weights of the dense layer', hint), place);
  const values = (tensor: string, shape: readonly number[]) => {
    const found = tensors.get(tensor);
    if (found && `${found.shape}` === `${shape}`) return found.data as Float32Array;
    throw new FileFormatError({
      where: place,
      expected: `${tensor} of [${shape.join(', ')}]`,
      received: found ? `[${found.shape.join(', ')}]` : `only ${[...tensors.keys()].join(', ')}`,
    });
  };
  const weight = values('linear.weight', [out_features, in_features]);
  const bias = hasBias ? values('linear.bias', [out_features]) : undefined;
  return new Dense(in_features, out_features, weight, bias, activations[name]);
}

function required(files: ReadonlyMap<string, Uint8Array>, where: string, expected: string, hint?: string): Uint8Array {
  const content = files.get(where);
  if (content) return content;
  throw new FileFormatError({ where, expected, received: 'no such file', ...(hint !== undefined && { hint }) });
}
