import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeSafetensors, encodeSafetensors, type NamedTensor, RandomKey } from '@polymodal/core';
import type { TrainStepConfig } from './configs';
import { TransformerClassifier } from './transformer-classifier';

/** Batches that the steps go through, over and over. */
const batchCount = 4;

/** What one step learns from. */
export interface TrainingBatch {
  /** (B, N, D) */
  readonly features: NamedTensor;
  /** (B), class indices */
  readonly labels: NamedTensor;
}

/** Writes initial weights and batches into a folder, from one seed, so that all contenders do the same work. */
export function writeWorkload(folder: string, config: TrainStepConfig): void {
  const key = RandomKey.from(0);
  const { batchSize, sequenceLength, hiddenSize, numLabels } = config;
  const weights = new Map<string, NamedTensor>();
  for (const [path, { shape, initializer }] of new TransformerClassifier(config).parameters()) {
    weights.set(path, { shape, data: initializer(shape, key.fold(path)) });
  }
  const batches = new Map<string, NamedTensor>();
  for (let i = 0; i < batchCount; i++) {
    const own = key.fold('batch').fold(i);
    const features = own.fold('features').normal(batchSize * sequenceLength * hiddenSize);
    const labels = own
      .fold('labels')
      .uniform(batchSize)
      .map((value) => Math.floor(value * numLabels));
    batches.set(`features.${i}`, { shape: [batchSize, sequenceLength, hiddenSize], data: features });
    batches.set(`labels.${i}`, { shape: [batchSize], data: labels });
  }
  writeFileSync(join(folder, 'weights.safetensors'), encodeSafetensors(weights));
  writeFileSync(join(folder, 'batches.safetensors'), encodeSafetensors(batches));
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...config, batchCount }));
}

/** Reads what {@link writeWorkload} wrote. */
export function readWorkload(folder: string) {
  const read = (file: string) => decodeSafetensors(readFileSync(join(folder, file)), file).tensors;
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as TrainStepConfig;
  const tensors = read('batches.safetensors');
  const batches = Array.from({ length: batchCount }, (_, i): TrainingBatch => {
    return { features: tensors.get(`features.${i}`)!, labels: tensors.get(`labels.${i}`)! };
  });
  return { config, weights: read('weights.safetensors'), batches };
}
