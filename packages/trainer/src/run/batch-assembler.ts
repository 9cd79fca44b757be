import {
  type HostBatch,
  isInterleaving,
  type Model,
  mixedBatch,
  type PreparedSample,
  packSamples,
  type RandomKey,
  sampleShape,
} from '@polymodal/core';
import { type Augment, slotAugmentations } from '../data/augment';
import { restrictSample } from '../data/restrict-sample';
import type { BatchLengths, SampleShape } from '../data/sample-shape';
import type { SourceBatch } from '../data/stage-batches';
import type { TokenCount } from '../data/token-count';
import type { TokenCounter } from '../data/token-counter';
import type { FrozenTowers } from '../towers/frozen-towers';
import type { KeptStarts } from './kept-starts';
import type { Stage } from './stage';

/** A batch as a step takes it. */
export interface AssembledBatch {
  readonly host: HostBatch;
  readonly tokens: TokenCount;
}

/** What a {@link batchAssembler} goes by. */
export interface AssemblerParts {
  readonly model: Model;
  readonly augment: Augment | undefined;
  /** Of the run. */
  readonly key: RandomKey;
  /** What frozen layers made of values that come again, where it is kept. */
  readonly starts: KeptStarts | undefined;
  /** What encodes beside the steps. */
  readonly towers: FrozenTowers | undefined;
}

/** Makes batches of a stage from which samples they have: features fetched, cut to what is left of them, collated and mixed, with what is drawn for them. */
export function batchAssembler(
  { model, augment, key, starts, towers }: AssemblerParts,
  { batches, tokens }: Pick<Stage, 'batches' | 'tokens'>,
): (batch: SourceBatch) => Promise<AssembledBatch> {
  const mixing = slotAugmentations(augment);
  return async (batch) => {
    const fetched = (await batches.features(batch)).map((sample) => restrictSample(sample, batch.modalities));
    const samples = batch.rowSizes ? inRows(model, fetched, batch, batch.rowSizes) : fetched;
    const shapes = samples.map((sample) => sampleShape(model, sample));
    const lengths = batches.lengths(batch, shapes);
    const isShared = batch.rowSizes !== undefined;
    if (!isShared) samples.forEach((sample, row) => tokens.see(sample, shapes[row])); // augmentation may have made it another than was known
    const host = towers
      ? await towers.collate(samples, shapes, lengths)
      : model.collate(samples.map((sample) => ({ ...sample, lengths })));
    const mixed = mixing ? mixedBatch(host, mixing, batchKey(key.fold('mix'), batch)) : host;
    const drawn = model.drawTargets(mixed, batchKey(key.fold('draw'), batch));
    return {
      host: starts ? await starts.add(drawn) : drawn,
      tokens: {
        taken: samples.reduce((sum, sample, row) => sum + tokens.taken(sample, shapes[row]), 0),
        computed:
          samples.length *
          (isShared
            ? sharedTokens(model, tokens, shapes, lengths)
            : tokens.computed(shapes[0], batch.modalities, lengths)),
        atRandom: fetched.length * batch.source.tokensAtRandom,
      },
    };
  };
}

/** The rows that samples share, so many each. */
function inRows(
  model: Model,
  samples: readonly PreparedSample[],
  { source, indices }: SourceBatch,
  rowSizes: readonly number[],
): PreparedSample[] {
  let done = 0;
  return rowSizes.map((size) => {
    const first = done;
    done += size;
    return packSamples(model, samples.slice(first, done), (row) => `${source.name}, sample ${indices[first + row]}`);
  });
}

/** How many tokens are computed of a row that samples share: of its sequence as many as it is long. */
function sharedTokens(
  { processors }: Model,
  tokens: TokenCounter,
  shapes: readonly SampleShape[],
  lengths: BatchLengths,
): number {
  const shape: SampleShape = Object.assign({}, ...shapes);
  const counts = Object.entries(shape).map(([part, own]) => {
    const processor = processors[part];
    if (processor && isInterleaving(processor)) return Object.values(lengths[part])[0];
    return tokens.padded(part, own, lengths[part]);
  });
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Follows from which samples a batch has. */
function batchKey(key: RandomKey, { source, epoch, indices }: SourceBatch): RandomKey {
  const own = key.fold(source.name).fold(epoch);
  return indices.reduce<RandomKey>((folded, index) => folded.fold(index), own);
}
