import type { Parameter } from '@polymodal/core';
import { Conv1d, Conv2d, Embedding } from '@polymodal/nn';
import { type AdaptedMap, outputSizeOf } from '../adapted-maps';
import type { Ia3Adapter } from '../ia3-adapter';
import { LoraAdapter } from '../lora-adapter';

/** A tensor as safetensors files hold it. */
export interface PeftTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What stands before every name. */
export const peftPrefix = 'base_model.model.';

/** The adapter of one of our maps; none where the module of Python holds others that are adapted. */
export interface AdaptedPart<A> {
  readonly map: AdaptedMap;
  readonly adapter: A | undefined;
}

/** How a LoRA of a module is in PEFT: its rank there, what its change is multiplied by, and its tensors by the ends of their names. */
export interface PeftLora {
  readonly rank: number;
  readonly scale: number;
  readonly tensors: Readonly<Record<string, PeftTensor>>;
}

/**
 * The LoRA of a module that holds some of our maps one after the other: where they do not share A, those of all stand below one another,
 * and B is made of blocks.
 */
export async function loraTensors(parts: readonly AdaptedPart<LoraAdapter>[]): Promise<PeftLora> {
  const { map } = parts[0];
  const present = await Promise.all(
    parts.map(async ({ map, adapter }) => ({
      outputs: outputSizeOf(map),
      rank: adapter?.rank ?? 0,
      scale: adapter?.scale ?? 0,
      a: adapter ? await valuesOf(adapter.loraA) : new Float32Array(),
      b: adapter ? await valuesOf(adapter.loraB) : new Float32Array(),
    })),
  );
  const own = present.filter(({ rank }) => rank > 0);
  const [{ scale }] = own;
  const sharesA = own.every(({ a }) => Buffer.from(a.buffer).equals(Buffer.from(own[0].a.buffer)));
  const rank = sharesA ? own[0].rank : own.reduce((sum, part) => sum + part.rank, 0);
  const outputs = present.reduce((sum, part) => sum + part.outputs, 0);
  const a = sharesA ? own[0].a : concatenated(own.map((part) => part.a));
  const b = new Float32Array(outputs * rank);
  let [row, column] = [0, 0];
  for (const part of present) {
    for (let i = 0; i < part.outputs; i++) {
      for (let j = 0; j < part.rank; j++) {
        b[(row + i) * rank + column + j] = (part.b[i * part.rank + j] * part.scale) / scale;
      }
    }
    row += part.outputs;
    if (!sharesA) column += part.rank;
  }
  const inputs = parts.find(({ adapter }) => adapter)!.adapter!.loraA.shape.slice(1);
  const names = map instanceof Embedding ? embeddingNames : mapNames;
  return {
    rank,
    scale,
    tensors: {
      [names.a]: { shape: [rank, ...inputs], data: a },
      [names.b]: { shape: [outputs, rank, ...onesOf(map)], data: b },
      ...(parts[0].adapter?.magnitudeChange && { [magnitudeName]: await magnitudes(parts) }),
    },
  };
}

/** The factors of a module: of all outputs, 1 for those of maps without an adapter; or of what goes in. */
export async function ia3Tensor(parts: readonly AdaptedPart<Ia3Adapter>[]): Promise<PeftTensor> {
  const { map, adapter } = parts[0];
  if (adapter?.scalesInputs) {
    const data = await valuesOf(adapter.vector);
    return { shape: [1, data.length, ...onesOf(map)], data };
  }
  const each = parts.map((part) =>
    part.adapter ? valuesOf(part.adapter.vector) : new Float32Array(outputSizeOf(part.map)).fill(1),
  );
  const data = concatenated(await Promise.all(each));
  const isConvolution = onesOf(map).length > 0;
  return { shape: isConvolution ? [1, data.length, ...onesOf(map)] : [data.length, 1], data };
}

/** The ends of PEFT's names. */
export const mapNames = { a: 'lora_A.weight', b: 'lora_B.weight' } as const;
export const embeddingNames = { a: 'lora_embedding_A', b: 'lora_embedding_B' } as const;
export const magnitudeName = 'lora_magnitude_vector';
export const ia3Name = 'ia3_l';

/** The lengths of the kernel of a convolution that does not look around. */
function onesOf(map: AdaptedMap): number[] {
  if (map instanceof Conv2d) return [1, 1];
  return map instanceof Conv1d ? [1] : [];
}

/** m, of which ours learns the difference from ‖W‖. */
async function magnitudes(parts: readonly AdaptedPart<LoraAdapter>[]): Promise<PeftTensor> {
  const each = parts.map(async ({ map, adapter }) => {
    const norms = LoraAdapter.rowNorms(map);
    const [lengths, change] = [await norms.data(), await valuesOf(adapter!.magnitudeChange!)];
    norms.dispose();
    return Float32Array.from(change, (value, i) => value + lengths[i]);
  });
  const data = concatenated(await Promise.all(each));
  const ones = onesOf(parts[0].map);
  return { shape: ones.length > 0 ? [1, data.length, ...ones] : [data.length], data };
}

async function valuesOf(parameter: Parameter): Promise<Float32Array> {
  return (await parameter.viewValues()).slice();
}

function concatenated(pieces: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
