import * as tf from '@tensorflow/tfjs-core';
import { StateError } from '../errors';

type Shape = readonly number[];

/** What each kernel that multiplies and adds computes, from the shapes of its inputs and of its output. */
const kernels: Readonly<Record<string, (inputs: readonly Shape[], output: Shape) => number>> = {
  BatchMatMul: ofMatrices,
  _FusedMatMul: ofMatrices,
  Conv2D: ([, filter], output) => sizeOf(output) * sizeOf(filter.slice(0, -1)), // (Kh, Kw, Cin, Cout)
  FusedConv2D: ([, filter], output) => sizeOf(output) * sizeOf(filter.slice(0, -1)),
  DepthwiseConv2dNative: ([, filter], output) => sizeOf(output) * sizeOf(filter.slice(0, 2)), // (Kh, Kw, C, multiplier)
  FusedDepthwiseConv2D: ([, filter], output) => sizeOf(output) * sizeOf(filter.slice(0, 2)),
  // Of `@polymodal/backend-onnx`
  FusedConvolution: ([, weight], output) => sizeOf(output) * sizeOf(weight.slice(1)), // (Cout, Cin / groups, Kh, Kw)
  FusedLinear: ([x], output) => sizeOf(output) * x[x.length - 1],
  FusedAttention: ([query, key]) => 2 * sizeOf(query) * key[1], // logits, and weights times values: (B, N, D), (B, M, D)
};

/**
 * How many multiplications with an addition a function takes in products of matrices and convolutions, counted from the kernels that the
 * backend runs: what is padded or computed twice counts as often. Norms, activations, softmax and products of elements do not: they
 * grow with the numbers of a layer, and not with their products.
 *
 * ```ts
 * const linear = new Linear(16, 4);
 * initialize(linear, RandomKey.from(0));
 * await multiplyAddsOf(() => linear.forward(tf.ones([2, 16]))); // 2 · 16 · 4
 * ```
 *
 * @param run forward, without gradients; what it makes is disposed of
 * @throws StateError for a kernel that is a product and whose cost is not known
 */
export async function multiplyAddsOf(run: () => unknown): Promise<number> {
  const profile = await tf.profile(() => tf.tidy(() => void run()));
  return profile.kernels.reduce((sum, { name, inputShapes, outputShapes }) => {
    const count = kernels[name];
    if (count) return sum + count(inputShapes as Shape[], outputShapes[0]);
    if (/^(?=[A-Z]).*(MatMul|Conv|Einsum|Attention|Linear)/.test(name)) throw unknownProduct(name); // scopes of operations begin small
    return sum;
  }, 0);
}

/** (…, I, K) and (…, K, J), each as it is or transposed, to (…, I, J). */
function ofMatrices([a]: readonly Shape[], output: Shape): number {
  const [rows, columns] = a.slice(-2);
  const inner = rows === output[output.length - 2] ? columns : rows; // where both are I, a is square
  return sizeOf(output) * inner;
}

function sizeOf(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}

function unknownProduct(name: string): StateError {
  return new StateError({
    where: 'multiplyAddsOf',
    expected: `one of the kernels ${Object.keys(kernels).join(', ')}`,
    received: name,
    hint: 'Count a forward pass: the kernels of gradients are others.',
  });
}
