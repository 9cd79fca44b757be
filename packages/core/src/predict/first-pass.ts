import * as tf from '@tensorflow/tfjs-core';
import { canCompile } from '../backend/compiled';
import type { Batch } from '../batch';
import type { Context } from '../context';
import { fuse } from '../part/fuse';
import type { Fused } from '../tokens';
import { fusedOf, hasTensorsAlone } from './fused-tensors';
import { scoresFrom } from './head-answers';
import { type ForwardParts, forwardOf, type ModelPrograms, namedFeatures } from './model-programs';
import type { PassTensors } from './pass-tensors';

/** What is computed in one pass before heads produce their answers step by step. */
export interface FirstPass {
  readonly fused: Fused;
  /** What other heads answer from, which need no more than this pass. */
  readonly scores: tf.NamedTensorMap;
}

/**
 * Encodes and fuses rows that all have the same modalities, and runs the heads that answer from that alone: compiled, where what the
 * fusion gives are tensors; elsewhere parts may compile what they share with what heads go on with.
 *
 * @param heads    those heads
 * @param programs where compiled programs are kept; without them the pass runs as it is
 */
export function firstPass(
  parts: ForwardParts,
  batch: Batch,
  heads: readonly string[],
  context: Context,
  tensors: PassTensors,
  programs: ModelPrograms | undefined,
): FirstPass {
  const { fusion, encoders } = parts;
  if (!hasTensorsAlone(fusion)) {
    const own = { ...context, mayCompile: programs !== undefined && canCompile() };
    const fused = tensors.keep(() => fuse(parts, batch, own));
    return { fused, scores: tensors.keep(() => scoresFrom(parts.tree, heads, fused, context)) };
  }
  const named = tensors.adopt(
    programs
      ? programs.run(batch, heads, namedFeatures(batch), true)
      : tf.tidy(() => forwardOf(parts, heads, true)(namedFeatures(batch))),
  );
  const scores = Object.fromEntries(Object.entries(named).filter(([name]) => !name.startsWith('fused/')));
  return { fused: fusedOf(named, fusion, encoders), scores };
}
