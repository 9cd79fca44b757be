import { inferenceContext, type Tokens } from '@polymodal/core';
import type { BuiltEncoder, EncoderCase } from '../cases/encoder-case';
import { expectSameValues } from '../compare/expect-same-values';
import { readTensors } from '../compare/read-tensors';
import { ConformanceError } from '../conformance-error';

/**
 * `embed`, `layer` 0 … depth − 1 and `finish` give together what `encode` gives, each keeping mask and rows in step
 * with its tokens, whose width is that of `widthAt`, so that a fusion can stop or work between them. `encodeStages` gives the
 * same tokens on the way, and `encodePooled` the same vector by itself.
 */
export async function stepsMakeTheEncoding(subject: EncoderCase): Promise<void> {
  const built = subject.build();
  const context = inferenceContext();
  try {
    const whole = await readTensors(() => built.outputs(context));
    const steps = await readTensors(() => built.named(built.module.finish(stepsOf(subject, built).at(-1)!, context)));
    expectSameValues(`${subject.name}, embed, layers and finish`, whole, steps, subject.tolerance);
    const stages = (of: readonly Tokens[]) => Object.fromEntries(of.map(({ tokens }, index) => [index, tokens]));
    const walked = await readTensors(() => stages(stepsOf(subject, built)));
    const given = await readTensors(() => stages(built.stages(context)));
    expectSameValues(`${subject.name}, encodeStages`, walked, given, subject.tolerance);
    const alone = await readTensors(() => ({ pooled: built.pooled(context) }));
    expectSameValues(`${subject.name}, encodePooled`, { pooled: whole.pooled }, alone, subject.tolerance);
  } finally {
    built.dispose();
  }
}

/** What is embedded, and the tokens after each layer. */
function stepsOf(subject: EncoderCase, { module, embed }: BuiltEncoder): Tokens[] {
  const context = inferenceContext();
  const steps = [embed(context)];
  for (let index = 0; index < module.depth; index++) steps.push(module.layer(index, steps[index], context));
  for (const [index, tokens] of steps.entries()) {
    const where = `${subject.name}, ${index === 0 ? 'embed' : `layer ${index - 1}`}`;
    checkStep(where, tokens, subject.rows.length, module.widthAt(index));
  }
  return steps;
}

function checkStep(where: string, { tokens, mask, rows }: Tokens, size: number, width: number): void {
  const expected = `tokens (${size}, N, ${width}), mask (${size}, N) and ${size} rows`;
  const [count, length, ownWidth] = tokens.shape;
  const fits = count === size && ownWidth === width && mask.shape[0] === size && mask.shape[1] === length;
  if (fits && rows.length === size) return;
  const received = `tokens [${tokens.shape}], mask [${mask.shape}] and ${rows.length} rows`;
  throw new ConformanceError({ where, expected, received });
}
