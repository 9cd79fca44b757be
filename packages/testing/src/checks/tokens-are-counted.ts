import { type Encoder, type Features, inferenceContext } from '@polymodal/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { EncoderCase } from '../cases/encoder-case';
import { maskCounts } from '../compare/mask-counts';
import { readTensors } from '../compare/read-tensors';
import { ConformanceError } from '../conformance-error';

/** Whether the encoder says how many tokens it makes of a value. */
export function countsTokens(subject: EncoderCase): boolean {
  const built = subject.build();
  try {
    return built.module.tokenCount !== undefined;
  } finally {
    built.dispose();
  }
}

/** As many tokens of a row take part, before each layer and at the end, as the encoder says of its features. */
export async function tokensAreCounted(subject: EncoderCase): Promise<void> {
  const built = subject.build();
  try {
    const masks = await readTensors(() => {
      const stages = built
        .stages(inferenceContext())
        .map(({ mask }, layer) => [`the tokens before layer ${layer}`, mask]);
      const { mask } = built.encode(subject.processor.collate(subject.rows), inferenceContext());
      return { ...Object.fromEntries(stages), 'the finished tokens': mask } as tf.NamedTensorMap;
    });
    Object.entries(masks).forEach(([tokens, mask], layer, all) => {
      const own = layer < all.length - 1 ? layer : undefined; // the last are the finished ones
      const counts = maskCounts(mask);
      for (const [row, features] of subject.rows.entries()) {
        checkCount(`${subject.name}, ${tokens} of row ${row}`, built.module, { features, layer: own }, counts[row]);
      }
    });
  } finally {
    built.dispose();
  }
}

function checkCount(
  where: string,
  encoder: Encoder,
  { features, layer }: { readonly features: Features; readonly layer: number | undefined },
  expected: number,
): void {
  const received = encoder.tokenCount!(features, layer);
  if (received === expected) return;
  throw new ConformanceError({
    where,
    expected: `tokenCount() to say ${expected}, as many as take part`,
    received: String(received),
  });
}
