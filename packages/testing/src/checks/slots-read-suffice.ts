import { collateSamples, type Fused, fusedPart, inferenceContext, uploadBatch } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { HeadCase } from '../cases/head-case';
import { expectSameValues } from '../compare/expect-same-values';
import { readTensors } from '../compare/read-tensors';

/** For a head that says which slots it reads: it answers to the bit the same where of a fused batch nothing but what they were encoded to is known. */
export async function slotsReadSuffice(subject: HeadCase): Promise<void> {
  const built = subject.build();
  const { module, encoders, fusion, parent } = built;
  const scores = (known: (fused: Fused) => Fused) =>
    readTensors(() => {
      const context = inferenceContext();
      const fused = fusion.forward(encoders, uploadBatch(collateSamples(subject, subject.samples)), context);
      const made = parent?.forward({ fused, parent: undefined }, context);
      const input = { fused: known(fused), parent: made };
      // What is produced step by step begins with what its one pass says.
      return module.passScores?.(input, context) ?? module.scores(module.forward(input, context));
    });
  try {
    const [whole, part] = [
      await scores((fused) => fused),
      await scores((fused) => slotsAlone(fused, module.readsSlots!)),
    ];
    expectSameValues(`${subject.name}, from ${module.readsSlots!.join(', ')} alone`, whole, part, 0);
  } finally {
    built.dispose();
  }
}

function slotsAlone(fused: Fused, slots: readonly string[]): Fused {
  const unknown = <T extends tf.Tensor>(tensor: T) => tf.fill(tensor.shape, Number.NaN) as T;
  const encoded = Object.entries(fusedPart(fused, 'encoded')).filter(([slot]) => slots.includes(slot));
  return {
    tokens: unknown(fused.tokens),
    mask: unknown(fused.mask),
    pooled: unknown(fused.pooled),
    encoded: Object.fromEntries(encoded),
  };
}
