import { type BackendName, type Model, type Sample, useBackend } from '@polymodal/core';
import { loadModel } from '@polymodal/core/node';
import type { Manifest } from '@polymodal/data';
import { estimateMemory } from '@polymodal/trainer';
import { registryOf } from '../config/registry-of';
import { openParts } from '../data/open-parts';
import { trainingData } from '../data/training-data';
import type { FoundModel } from '../model/find-model';
import { requireProject } from '../model/require-project';
import { prepareRun } from '../run/prepare-run';
import type { Surroundings } from '../surroundings';
import type { MemoryUse } from './memory-use';
import { trialOf } from './trial-of';

/** What a process is to find out. */
export interface PeakMemoryOptions {
  readonly use: MemoryUse;
  /** Samples at a time. */
  readonly batchSize: number;
  readonly backend?: BackendName | undefined;
}

/**
 * The most bytes of memory that this process has, which must have done nothing else, when a model answers, or learns from, so many samples of
 * its run at a time.
 *
 * @throws ConfigError for a model without a run; whatever reading its data throws
 */
export async function peakMemory(
  found: FoundModel,
  { use, batchSize, backend }: PeakMemoryOptions,
  surroundings: Surroundings,
): Promise<number> {
  const config = requireProject(found);
  if (use === 'training') {
    const run = await prepareRun(config, surroundings, backend);
    const learnedFrom = await trainingData(config, run.data.parts.train);
    return (await estimateMemory(run.model, trialOf(run, learnedFrom, batchSize))).peak;
  }
  const registry = await registryOf(config, surroundings);
  await useBackend(backend ?? config.project.backend);
  const model = await loadModel(registry, found.folder);
  const { train } = (await openParts(config, surroundings, await surroundings.interruption())).parts;
  const samples = await fullest(model, train, 2 * batchSize);
  for await (const _ of model.predictStream(samples, { batchSize })); // which are not wanted
  return process.resourceUsage().maxRSS * 1024;
}

/** Among so many samples those are looked for that have the most slots. */
const lookedAt = 256;

/** So many samples, of those with the most slots one after the other, again and again. */
async function fullest({ modalities }: Model, data: Manifest, count: number): Promise<Sample[]> {
  const seen = Math.min(lookedAt, data.length);
  const places = Array.from({ length: seen }, (_, place) => Math.floor((place * data.length) / seen));
  const samples = await Promise.all(places.map((index) => data.get(index)));
  const slots = (sample: Sample) => modalities.filter((slot) => sample[slot] !== undefined).length;
  const most = Math.max(...samples.map(slots));
  const full = samples.filter((sample) => slots(sample) === most);
  return Array.from({ length: count }, (_, index) => full[index % full.length]);
}
