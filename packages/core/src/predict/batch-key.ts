import type { Lengths } from '../feature-shape';
import { mapRecord } from '../map-record';
import { type PreparedSample, sampleShape, shapeKey } from '../prepared-sample';
import type { ForwardParts } from './model-programs';
import { isScored } from './model-signature';

/**
 * By what samples share a batch: by the shapes of their features, or where a head answers step by step by less, since its steps are the cheaper
 * the more rows go through them together. Then lengths of a slot that the fusion takes mixed count up to a power of two, and short ones not at all.
 *
 * @param heads those that answer
 */
export function batchKey(parts: ForwardParts, sample: PreparedSample, heads: readonly string[]): string {
  const { processors, fusion, tree } = parts;
  if (heads.every((head) => isScored(tree, head))) return shapeKey(processors, sample);
  const shapes = mapRecord(sampleShape({ processors, targets: {} }, sample), (shape, slot) =>
    shape.lengths && fusion.takesMixedLengths(slot) ? { ...shape, lengths: roughly(shape.lengths) } : shape,
  );
  return JSON.stringify(shapes);
}

/** Within a batch the memory that rows are given is at most twice what they need, but for short ones. */
function roughly(lengths: Lengths): Lengths {
  return mapRecord(lengths, (length) => Math.max(short, 2 ** Math.ceil(Math.log2(length))));
}

const short = 256;
