import * as tf from '@tensorflow/tfjs-core';
import type { Trace, Value } from '../../trace';
import { floats, type NativeKernel, nativeKernel } from '../native-kernel';
import { binary, int64, reshape, scalar, transpose, withScalar } from '../operators';

interface AttentionAttributes {
  readonly numAttentionHeads: number;
  /** Of the products of queries and keys. */
  readonly scale: number;
  /** A query all of whose biases are at most half of it attends to nothing. */
  readonly excludedLogit: number;
}

/**
 * `FusedAttention`: query (B, Nq, D), key and value (B, Nk, D), bias broadcastable to (B, H, Nq, Nk), keep (B, H, Nq, Nk)?
 * → y (B, Nq, D) and what the gradient takes: q, k, v (B, H, N, D/H) and weights (B, H, Nq, Nk), with
 *
 *     weights = softmax(scale q kᵀ + bias)    y = (weights ∘ keep) v
 *
 * `FusedAttentionGrad`: dy, y, q, k, v, weights, bias, keep? → dquery, dkey, dvalue and dbias.
 */
export const attentionKernels: readonly NativeKernel[] = [
  nativeKernel<AttentionAttributes, 'query' | 'key' | 'value' | 'bias' | 'keep'>(
    'FusedAttention',
    floats,
    (trace, { query, key, value, bias, keep }, { numAttentionHeads, scale, excludedLogit }) => {
      const [q, k, v] = [query, key, value].map((x) => splitHeads(trace, x, numAttentionHeads)) as [
        Value,
        Value,
        Value,
      ];
      const logits = binary(trace, 'Add', product(trace, q, k, { transB: 1, alpha: { float: scale } }), bias);
      const weights = trace.add('Softmax', [logits], logits.shape, logits.type, { axis: -1 });
      const kept = keep === undefined ? weights : binary(trace, 'Mul', weights, keep);
      const attended = binary(trace, 'Mul', product(trace, kept, v), hasKeys(trace, bias, excludedLogit));
      return [mergeHeads(trace, attended), q, k, v, weights];
    },
  ),
  nativeKernel<AttentionAttributes, 'dy' | 'y' | 'q' | 'k' | 'v' | 'weights' | 'bias' | 'keep'>(
    'FusedAttentionGrad',
    floats,
    (trace, { dy, y, q, k, v, weights, bias, keep }, { numAttentionHeads, scale, excludedLogit }) => {
      const present = hasKeys(trace, bias, excludedLogit);
      const dAttended = binary(trace, 'Mul', splitHeads(trace, dy, numAttentionHeads), present);
      const dKept = product(trace, dAttended, v, { transB: 1 });
      const dWeights = keep === undefined ? dKept : binary(trace, 'Mul', dKept, keep);
      const kept = keep === undefined ? weights : binary(trace, 'Mul', weights, keep);
      const spread = binary(trace, 'Sub', dWeights, rowSums(trace, y, dy, numAttentionHeads));
      const dLogits = binary(trace, 'Mul', spread, weights);
      const alpha = { float: scale };
      return [
        mergeHeads(trace, product(trace, dLogits, k, { alpha })),
        mergeHeads(trace, product(trace, dLogits, q, { transA: 1, alpha })),
        mergeHeads(trace, product(trace, kept, dAttended, { transA: 1 })),
        sumTo(trace, dLogits, bias.shape),
      ];
    },
  ),
];

interface ProductAttributes {
  readonly transA?: 1;
  readonly transB?: 1;
  readonly alpha?: { readonly float: number };
}

/** a · b of each head, (B, H, M, K) · (B, H, K, N) → (B, H, M, N). */
function product(trace: Trace, a: Value, b: Value, attributes?: ProductAttributes): Value {
  const rows = attributes?.transA ? a.shape[3]! : a.shape[2]!;
  const columns = attributes?.transB ? b.shape[2]! : b.shape[3]!;
  const shape = [a.shape[0]!, a.shape[1]!, rows, columns];
  if (attributes === undefined) return trace.add('MatMul', [a, b], shape);
  return trace.add('com.microsoft.FusedMatMul', [a, b], shape, a.type, { ...attributes });
}

/** (B, N, D) → (B, H, N, D/H) */
function splitHeads(trace: Trace, x: Value, heads: number): Value {
  return transpose(trace, headsLast(trace, x, heads), [0, 2, 1, 3]);
}

/** (B, N, D) → (B, N, H, D/H) */
function headsLast(trace: Trace, x: Value, heads: number): Value {
  const [batch, length, width] = x.shape as [number, number, number];
  return reshape(trace, x, [batch, length, heads, width / heads]);
}

/** (B, H, N, D/H) → (B, N, D) */
function mergeHeads(trace: Trace, x: Value): Value {
  const [batch, heads, length, width] = x.shape as [number, number, number, number];
  return reshape(trace, transpose(trace, x, [0, 2, 1, 3]), [batch, length, heads * width]);
}

/** 1 for each query with a key that is not excluded, else 0: of the bias's shape, but for one value in the last axis. */
function hasKeys(trace: Trace, bias: Value, excludedLogit: number): Value {
  const axis = bias.shape.length - 1;
  const shape = [...bias.shape.slice(0, -1), 1];
  const largest = trace.add('ReduceMax', [bias, int64([axis])], shape, bias.type, { keepdims: 1 });
  const above = withScalar(trace, 'Sub', largest, excludedLogit / 2);
  return trace.add('Clip', [above, scalar(0), scalar(1)], shape);
}

/** Σ y ∘ dy of each head and query, (B, H, Nq, 1): the row sums of weights ∘ dweights. */
function rowSums(trace: Trace, y: Value, dy: Value, heads: number): Value {
  const both = headsLast(trace, binary(trace, 'Mul', y, dy), heads);
  const [batch, length] = both.shape as [number, number, number, number];
  const sums = trace.add('ReduceSum', [both, int64([3])], [batch, length, heads], both.type, { keepdims: 0 });
  return reshape(trace, transpose(trace, sums, [0, 2, 1]), [batch, heads, length, 1]);
}

/** The sum over the axes that a value of this shape was broadcast along. */
function sumTo(trace: Trace, x: Value, shape: number[]): Value {
  const axes = tf.backend_util.getReductionAxes(shape, x.shape);
  if (axes.length === 0) return reshape(trace, x, shape);
  const rest = x.shape.filter((_, axis) => !axes.includes(axis));
  return reshape(trace, trace.add('ReduceSum', [x, int64(axes)], rest, x.type, { keepdims: 0 }), shape);
}
