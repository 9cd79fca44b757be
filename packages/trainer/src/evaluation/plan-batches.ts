import { type PreparedSample, type Processors, sampleShape } from '@polymodal/core';
import { LengthLevels } from '../data/length-levels';
import { kindOf } from '../data/sample-shape';

/** A sample, and where it stood. */
export interface PlannedSample {
  readonly index: number;
  /** With the lengths that it is padded to. */
  readonly sample: PreparedSample;
}

/**
 * Puts samples into an order, and pads them to lengths, in which batches of `batchSize` come in few shapes: those of one kind
 * together, the shorter before the longer, so that all but the last batch of each kind are full.
 */
export function planBatches(
  processors: Processors,
  samples: readonly PreparedSample[],
  batchSize: number,
): PlannedSample[] {
  const shapes = samples.map((sample) => sampleShape({ processors, targets: {} }, sample));
  const kinds = new Map<string, number[]>();
  shapes.forEach((shape, index) => {
    const kind = kindOf(shape, Object.keys(shape));
    const alike = kinds.get(kind) ?? [];
    alike.push(index);
    kinds.set(kind, alike);
  });
  return [...kinds.values()].flatMap((indices) => {
    const own = indices.map((index) => shapes[index]);
    const levels = new LengthLevels(own, Object.keys(own[0]), { rows: () => batchSize, passes: 1 });
    const level = new Map(indices.map((index) => [index, levels.levelOf(shapes[index])]));
    const ordered = [...indices].sort((a, b) => level.get(a)! - level.get(b)!);
    return batchesOf(ordered, batchSize).flatMap((batch) => {
      const lengths = levels.lengthsFor(batch.map((index) => shapes[index]));
      return batch.map((index) => ({ index, sample: { ...samples[index], lengths } }));
    });
  });
}

function batchesOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
