import { composeModel, createRegistry, RandomKey, type Sample, type UncheckedModelConfig } from '@polymodal/core';
import { tabular } from '@polymodal/encoder-tabular';
import { text } from '@polymodal/encoder-text';
import { vision } from '@polymodal/encoder-vision';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import type { TrainOptions } from '@polymodal/trainer';

const registry = createRegistry([tabular, text, vision, fusion, heads]);
const verdict = { verdict: { use: 'classification', labels: ['good', 'bad'] } };
const tower = (size: number, layers: number) => ({
  hiddenSize: size,
  numHiddenLayers: layers,
  numAttentionHeads: size / 32,
  intermediateSize: 4 * size,
});
const written = (size: number, layers: number, maxLength: number): UncheckedModelConfig => ({
  hiddenSize: size,
  encoders: { note: { use: 'transformer', maxLength, ...tower(size, layers) } },
  fusion: { use: 'mean' },
  heads: verdict,
});
const seen = (size: number, layers: number, imageSize: number): UncheckedModelConfig => ({
  hiddenSize: size,
  encoders: { photo: { use: 'vit', imageSize, patchSize: 8, ...tower(size, layers) } },
  fusion: { use: 'mean' },
  heads: verdict,
});
const both = (size: number, layers: number): UncheckedModelConfig => ({
  hiddenSize: size,
  encoders: { ...seen(size, layers, 64).encoders, ...written(size, layers, 64).encoders },
  fusion: { use: 'masked-transformer', numHiddenLayers: 1, numAttentionHeads: size / 32 },
  heads: verdict,
});

/** A training whose memory is estimated, and then measured. */
interface Training {
  readonly config: UncheckedModelConfig;
  readonly options: Omit<TrainOptions, 'data' | 'stages'>;
  /** How many samples it learns from. */
  readonly samples: number;
}

const of = (config: UncheckedModelConfig, batchSize: number, more: object = {}, samples = 256): Training => ({
  config,
  options: { batchSize, epochs: 2, ...more },
  samples,
});
const frozen = { freeze: ['encoders'], frozenTowers: 'float32' };

/** By name. */
export const trainings: Readonly<Record<string, Training>> = {
  'text, 2 × 64, batches of 16': of(written(64, 2, 64), 16),
  'text, 4 × 256, batches of 32': of(written(256, 4, 128), 32),
  'text, 4 × 256, batches of 128': of(written(256, 4, 128), 128),
  'text, 6 × 512, batches of 8': of(written(512, 6, 64), 8),
  'pictures of 64, 4 × 192, batches of 32': of(seen(192, 4, 64), 32),
  'pictures of 128, 4 × 128, batches of 16': of(seen(128, 4, 128), 16),
  'both, 3 × 128, some missing, batches of 32': of(both(128, 3), 32, { modalityDropout: 0.2 }),
  'both, 2 × 256, with an average, 2 × 16 a step': of(both(256, 2), 16, { ema: { decay: 0.99 }, accumulate: 2 }),
  'pictures of 128, a frozen tower of 2 × 128, 1536 samples': of(seen(128, 2, 128), 32, frozen, 1536),
};

/** A model of a training. */
export const modelOf = (name: string) => composeModel(registry, trainings[name]!.config as never);

/** Data for it: texts of many lengths, pictures of noise, neither in every sample. */
export function dataOf(name: string): { readonly data: Sample[]; readonly evaluate: Sample[] } {
  const { config, samples } = trainings[name]!;
  const all = Array.from({ length: samples + 64 }, (_, index) => sampleOf(Object.keys(config.encoders), index));
  return { data: all.slice(0, samples), evaluate: all.slice(samples) };
}

function sampleOf(slots: readonly string[], index: number): Sample {
  const key = RandomKey.from(1).fold(index);
  const left = slots.length > 1 ? slots[key.integer(0, 2 * slots.length)] : undefined;
  const has = (slot: string) => slots.includes(slot) && slot !== left;
  return {
    ...(has('note') && { note: 'word '.repeat(key.fold('length').integer(1, 25)) }),
    ...(has('photo') && { photo: { width: 128, height: 128, channels: 3, data: noise(128 * 128 * 3, index) } }),
    targets: { verdict: index % 2 ? 'good' : 'bad' },
  };
}

/** Bytes of a linear congruential generator. */
function noise(size: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: size }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}
