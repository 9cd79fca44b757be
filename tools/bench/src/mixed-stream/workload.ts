import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeSafetensors, encodeSafetensors, type NamedTensor, RandomKey, type Sample } from '@polymodal/core';
import { modalities, presence, type Slot, sizes, slots } from './configs';

/** Samples whose gradients are compared, before anything is learned. */
export const comparedSamples = 8;

const samplesFile = 'samples.safetensors';
/** Initial values, which ours writes, and the gradients that it has of the first samples. */
export const weightsFile = 'weights.safetensors';
export const gradientsFile = 'gradients.safetensors';

/** Writes a stream of so many samples, from one seed: values under `<index>.<slot>`, and all labels. */
export function writeStream(folder: string, count: number): void {
  const tensors = new Map<string, NamedTensor>();
  const labels = new Float32Array(count);
  for (let index = 0; index < count; index++) {
    const key = RandomKey.from(1).fold(index);
    labels[index] = key.fold('label').integer(0, sizes.classes);
    for (const slot of presentSlots(key)) tensors.set(`${index}.${slot}`, valuesOf(slot, key.fold(slot)));
  }
  tensors.set('labels', { shape: [count], data: labels });
  writeFileSync(join(folder, samplesFile), encodeSafetensors(tensors));
}

/** Reads what {@link writeStream} wrote. */
export function readStream(folder: string): Sample[] {
  const { tensors } = decodeSafetensors(readFileSync(join(folder, samplesFile)), samplesFile);
  const labels = tensors.get('labels')!.data;
  return Array.from({ length: labels.length }, (_, index): Sample => {
    const present = slots.flatMap((slot) => {
      const values = tensors.get(`${index}.${slot}`);
      return values ? [[slot, values] as const] : [];
    });
    return { ...Object.fromEntries(present), targets: { label: Number(labels[index]) } };
  });
}

function presentSlots(key: RandomKey): Slot[] {
  for (let draw = 0; ; draw++) {
    const draws = key.fold('present').fold(draw).uniform(slots.length);
    const present = slots.filter((_, i) => draws[i]! < presence);
    if (present.length > 0) return present;
  }
}

function valuesOf(slot: Slot, key: RandomKey): NamedTensor {
  const { width, median, deviation, longest } = modalities[slot];
  const drawn = Math.round(median * Math.exp(deviation * key.fold('length').normal(1)[0]!));
  const length = Math.min(Math.max(1, drawn), longest);
  if (slot !== 'text') return { shape: [length, width], data: key.normal(length * width) };
  return { shape: [length], data: key.uniform(length).map((share) => Math.floor(share * width)) };
}
