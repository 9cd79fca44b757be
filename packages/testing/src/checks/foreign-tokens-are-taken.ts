import { type Encoder, inferenceContext, RandomKey, type Sequence } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { BuiltEncoder, EncoderCase } from '../cases/encoder-case';
import { expectSameValues } from '../compare/expect-same-values';
import { readTensors, type Values } from '../compare/read-tensors';
import { rowValues } from '../compare/row-values';
import { ConformanceError } from '../conformance-error';

/** Whether an encoder says that its layers take tokens which it did not embed: whether it has `adopt`. */
export function takesForeignTokens(subject: EncoderCase): boolean {
  const built = subject.build();
  built.dispose();
  return built.module.adopt !== undefined;
}

/** How many tokens the rows have that take part. */
const lengths = [3, 1, 2];

/**
 * An encoder with `adopt` takes tokens that it did not embed through its layers: a row in a batch gives what it gives alone, and
 * whatever finite number stands in tokens that take no part reaches nothing.
 */
export async function foreignTokensAreTaken(subject: EncoderCase): Promise<void> {
  const built = subject.build();
  const where = `${subject.name}, with tokens that it did not embed`;
  try {
    const { module } = built;
    const longest = Math.max(...lengths);
    const batch = await run(built, lengths, longest, 0);
    checkShapes(where, batch, module);
    expectSameValues(`${where} and 99 in those masked`, batch, await run(built, lengths, longest, 99), 0);
    for (const [row, length] of lengths.entries()) {
      const alone = await run(built, [length], longest, 0, row);
      expectSameValues(`${where}, row ${row} alone`, rowValues(alone, 0), rowValues(batch, row), subject.tolerance);
    }
  } finally {
    built.dispose();
  }
}

/** The numbers of a row are its own: row `first` is the same in any batch. */
function run(
  built: BuiltEncoder,
  own: readonly number[],
  longest: number,
  filling: number,
  first = 0,
): Promise<Values> {
  const { module } = built;
  const context = inferenceContext();
  return readTensors(() => {
    let tokens = module.adopt!(sequenceOf(module, own, longest, filling, first), context);
    for (let index = 0; index < module.depth; index++) tokens = module.layer(index, tokens, context);
    const encoded = module.finish(tokens, context);
    return { ...built.named(encoded), mask: encoded.mask };
  });
}

function sequenceOf(
  module: Encoder,
  own: readonly number[],
  longest: number,
  filling: number,
  first: number,
): Sequence {
  const width = module.widthAt(0);
  const rows = own.map((length, index) => {
    const values = RandomKey.from(0)
      .fold('foreign')
      .fold(first + index)
      .normal(longest * width);
    return tf.tensor2d(values.fill(filling, length * width), [longest, width]);
  });
  const mask = own.map((length) => Array.from({ length: longest }, (_, token) => (token < length ? 1 : 0)));
  return { tokens: tf.stack(rows) as tf.Tensor3D, mask: tf.tensor2d(mask), rows: Int32Array.from(own.keys()) };
}

function checkShapes(where: string, { tokens, pooled }: Values, { hiddenSize, pooledSize }: Encoder): void {
  const { length } = lengths;
  const expected = `tokens (${length}, N, ${hiddenSize}) and pooled (${length}, ${pooledSize}), finite`;
  const fits = tokens.shape[0] === length && tokens.shape[2] === hiddenSize;
  const finite = [tokens, pooled].every(({ data }) => Array.from(data).every(Number.isFinite));
  if (fits && `${pooled.shape}` === `${[length, pooledSize]}` && finite) return;
  const received = `tokens [${tokens.shape}] and pooled [${pooled.shape}]${finite ? '' : ', not finite'}`;
  throw new ConformanceError({ where, expected, received });
}
