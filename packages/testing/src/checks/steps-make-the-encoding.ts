import { inferenceContext, type Tokens } from '@polymodal/core';
import type { EncoderCase } from '../cases/encoder-case';
import { expectSameValues } from '../compare/expect-same-values';
import { readTensors } from '../compare/read-tensors';
import { ConformanceError } from '../conformance-error';

/**
 * `embed`, `layer` 0 … depth − 1 and `finish` give together what `encode` gives, each keeping mask and rows in step
 * with its tokens, so that a fusion can stop or work between them.
 */
export async function stepsMakeTheEncoding(subject: EncoderCase): Promise<void> {
  const built = subject.build();
  const context = inferenceContext();
  try {
    const whole = await readTensors(() => built.outputs(context));
    const steps = await readTensors(() => {
      let tokens = built.embed(context);
      checkStep(`${subject.name}, embed`, tokens, subject.rows.length);
      for (let index = 0; index < built.module.depth; index++) {
        tokens = built.module.layer(index, tokens, context);
        checkStep(`${subject.name}, layer ${index}`, tokens, subject.rows.length);
      }
      return built.named(built.module.finish(tokens, context));
    });
    expectSameValues(`${subject.name}, embed, layers and finish`, whole, steps, subject.tolerance);
  } finally {
    built.dispose();
  }
}

function checkStep(where: string, { tokens, mask, rows }: Tokens, size: number): void {
  const expected = `tokens (${size}, N, D), mask (${size}, N) and ${size} rows`;
  if (tokens.shape[0] === size && mask.shape[0] === size && mask.shape[1] === tokens.shape[1] && rows.length === size) {
    return;
  }
  const received = `tokens [${tokens.shape}], mask [${mask.shape}] and ${rows.length} rows`;
  throw new ConformanceError({ where, expected, received });
}
