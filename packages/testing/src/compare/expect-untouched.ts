import { type Features, type HostTensor, inferenceContext, RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { BuiltEncoder } from '../cases/encoder-case';
import { backward } from './backward';
import { expectSameValues } from './expect-same-values';
import { projection } from './projection';
import { readTensors } from './read-tensors';

/** What takes the place of an element of a feature. */
export type Fill = (data: HostTensor['data'], index: number) => number;

const noise = RandomKey.from(0).fold('padding').uniform(4096);
/** A value of the feature itself, which an integer feature is certain to know. */
const known: Fill = (data, index) => data[Math.floor(noise[index % noise.length] * data.length)];
const fillings: readonly (readonly [string, Fill])[] = [
  ['NaN', (data, index) => (data instanceof Float32Array ? Number.NaN : known(data, index))],
  ['infinity', (data, index) => (data instanceof Float32Array ? Number.POSITIVE_INFINITY : known(data, index + 1))],
];

/**
 * An encoder's outputs and gradients stay as they are, to the bit, whatever fills the places that do not count: NaN and ∞ in
 * float features, other integers that occur in them in integer features.
 *
 * @param places how messages call these places
 * @param corrupt the features with those places filled
 * @throws ConformanceError
 */
export async function expectUntouched(
  name: string,
  built: BuiltEncoder,
  clean: Features,
  places: string,
  corrupt: (fill: Fill) => Features,
): Promise<void> {
  const expected = await run(built, clean);
  for (const [filling, fill] of fillings) {
    const received = await run(built, corrupt(fill));
    const claim = `${name} with ${filling} in ${places}`;
    expectSameValues(`${claim}, outputs`, expected.outputs, received.outputs, 0);
    expectSameValues(`${claim}, gradients`, expected.gradients, received.gradients, 0);
  }
}

async function run(built: BuiltEncoder, features: Features) {
  const outputs = await readTensors(() => {
    const { tokens, mask, pooled } = built.encode(features, inferenceContext());
    return { tokens, mask, pooled };
  });
  const loss = () => projection(built.named(built.encode(features, inferenceContext())));
  const { gradients } = await backward(built.module, () => tf.tidy(loss));
  return { outputs, gradients };
}
