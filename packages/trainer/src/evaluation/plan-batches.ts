import { LengthLevels } from '../data/length-levels';
import { type BatchLengths, kindOf, type SampleShape } from '../data/sample-shape';

/** Samples that are computed together. */
export interface JudgedBatch {
  /** Of the samples' shapes. */
  readonly indices: readonly number[];
  /** What they are padded to. */
  readonly lengths: BatchLengths;
}

/**
 * Batches of at most `batchSize` samples that come in few shapes: those of one kind together, the shorter before the longer, so that all but the
 * last batch of each kind are full.
 */
export function planBatches(shapes: readonly SampleShape[], batchSize: number): JudgedBatch[] {
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
    return batchesOf(ordered, batchSize).map((batch) => ({
      indices: batch,
      lengths: levels.lengthsFor(batch.map((index) => shapes[index])),
    }));
  });
}

function batchesOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
