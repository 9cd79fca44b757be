import * as tf from '@tensorflow/tfjs-core';
import type { Batch, ModalityBatch, TargetBatch } from './batch';
import { StateError } from './errors';
import { emptyLike, type Features, type HostTensor } from './features';
import { mapRecord } from './map-record';
import type { EncodedTokens, Fused } from './tokens';

/**
 * The fused rows at ascending positions, as a batch of their own. Rows of `encoded` are renumbered to it; a modality
 * that none of the rows has is left out.
 */
export function selectRows(fused: Fused, rows: readonly number[]): Fused {
  if (rows.length === fused.tokens.shape[0]) return fused;
  const { encoded, owner, gates, usage, causal } = fused;
  return {
    tokens: gather(fused.tokens, rows),
    mask: gather(fused.mask, rows),
    pooled: gather(fused.pooled, rows),
    ...(encoded && { encoded: selectEncodings(encoded, rows) }),
    ...(owner && { owner: { ...owner, map: gather(owner.map, rows) } }),
    ...(gates && { gates: mapRecord(gates, (openings) => gather(openings, rows)) }),
    ...(usage && { usage: mapRecord(usage, (shares) => gather(shares, rows)) }),
    ...(causal && { causal: selectOutput(causal, rows, fused.tokens.shape[0]) as typeof causal }),
  };
}

/** Some rows of a batch, at ascending positions, as a batch of their own. What was mixed is not taken over. */
export function selectBatch(batch: Batch, rows: readonly number[]): Batch {
  if (rows.length === batch.size) return batch;
  const kept = Object.entries(batch.modalities).map(([slot, own]) => [slot, selectModality(own, rows)] as const);
  const targets = Object.entries(batch.targets).map(([head, own]) => [head, selectTarget(own, rows)] as const);
  return {
    size: rows.length,
    modalities: Object.fromEntries(kept.flatMap(([slot, own]) => (own ? [[slot, own]] : []))),
    targets: Object.fromEntries(targets.flatMap(([head, own]) => (own ? [[head, own]] : []))),
  };
}

function selectModality(modality: ModalityBatch, rows: readonly number[]): ModalityBatch | undefined {
  const kept = renumbered(modality.rows, rows);
  if (kept.targets.length === 0) return undefined;
  if (kept.sources.length === modality.rows.length) return { ...modality, rows: kept.targets };
  const features = mapRecord<tf.Tensor, tf.Tensor>(modality.features, (tensor) => gather(tensor, kept.sources));
  return { rows: kept.targets, features };
}

/** The targets of the rows at ascending positions, as a batch of their own; `undefined` where none of the rows has one. */
export function selectTarget<F extends Features>(
  target: TargetBatch<F> | undefined,
  rows: readonly number[],
): TargetBatch<F> | undefined {
  if (!target) return undefined;
  const kept = renumbered(target.rows, rows);
  if (kept.targets.length === 0) return undefined;
  if (kept.sources.length === target.rows.length) return { ...target, rows: kept.targets };
  const selected: TargetBatch = {
    rows: kept.targets,
    features: mapRecord<tf.Tensor, tf.Tensor>(target.features, (tensor) => gather(tensor, kept.sources)),
    values: mapRecord<HostTensor, HostTensor>(target.values, (tensor) => pickRows(tensor, kept.sources)),
  };
  return selected as TargetBatch<F>; // the same features, of fewer rows
}

/**
 * Some rows of what a head computes: of every tensor in it, scalars aside, whose first axis has to be the rows.
 *
 * @param size how many rows the output consists of
 * @throws StateError for an output with more in it than such tensors, records and arrays
 */
export function selectOutput(output: unknown, rows: readonly number[], size: number): unknown {
  if (output instanceof tf.Tensor && (output.rank === 0 || output.shape[0] === size)) {
    return output.rank === 0 ? output : gather(output, rows);
  }
  if (Array.isArray(output)) return output.map((part) => selectOutput(part, rows, size));
  if (typeof output !== 'object' || output === null) return output;
  if (Object.getPrototypeOf(output) === Object.prototype) {
    return mapRecord(output as Record<string, unknown>, (part) => selectOutput(part, rows, size));
  }
  throw new StateError({
    where: 'selectRows',
    expected: `an output of tensors whose first axis is the ${size} rows, in plain records and arrays`,
    received:
      output instanceof tf.Tensor ? `a tensor of shape [${output.shape}]` : `one with a ${output.constructor.name}`,
    hint: 'A head with another output that feeds heads says itself which rows it consists of: override selectRows.',
  });
}

function selectEncodings(encoded: NonNullable<Fused['encoded']>, rows: readonly number[]): Fused['encoded'] {
  const kept: Record<string, EncodedTokens> = {};
  for (const [modality, tokens] of Object.entries(encoded)) {
    const own = selectEncoded(tokens, rows);
    if (own) kept[modality] = own;
  }
  return kept;
}

function selectEncoded(tokens: EncodedTokens, rows: readonly number[]): EncodedTokens | undefined {
  const { sources, targets } = renumbered(tokens.rows, rows);
  if (sources.length === 0) return undefined;
  return {
    tokens: gather(tokens.tokens, sources),
    mask: gather(tokens.mask, sources),
    pooled: gather(tokens.pooled, sources),
    rows: targets,
  };
}

/** Where those of `rows` that are among `own` stand there, and what their numbers are among `rows`. */
function renumbered(own: Int32Array, rows: readonly number[]): { sources: number[]; targets: Int32Array } {
  const sources: number[] = [];
  const targets: number[] = [];
  rows.forEach((row, target) => {
    const source = own.indexOf(row);
    if (source < 0) return;
    sources.push(source);
    targets.push(target);
  });
  return { sources, targets: Int32Array.from(targets) };
}

function gather<T extends tf.Tensor>(tensor: T, rows: readonly number[]): T {
  return tf.gather(tensor, tf.tensor1d(Int32Array.from(rows), 'int32')) as T;
}

function pickRows(tensor: HostTensor, rows: readonly number[]): HostTensor {
  const { data, shape } = tensor;
  const size = data.length / shape[0];
  const picked = emptyLike(data, rows.length * size);
  rows.forEach((row, index) => {
    picked.set(data.subarray(row * size, (row + 1) * size), index * size);
  });
  return { ...tensor, data: picked, shape: [rows.length, ...shape.slice(1)] };
}
