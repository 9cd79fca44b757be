import type { Encoder } from '../encoder';
import { StateError } from '../errors';
import type { Features } from '../features';
import { askPart } from '../part/ask-part';
import { unpackValues } from './packed-values';
import { encoderOfOne, SeveralEncoder } from './several-encoder';

/**
 * How many tokens take part of each value that a sample has of a slot, without anything being computed: see `Encoder.tokenCount`.
 *
 * @param features of the row, before they are collated
 * @param layer    of the tokens that go into this layer; by default of the finished ones
 * @throws StateError for an encoder that does not say so
 */
export function tokenCounts(encoder: Encoder, features: Features, layer?: number): number[] {
  const one = encoderOfOne(encoder);
  if (!one.tokenCount) {
    throw new StateError({
      where: 'tokenCounts',
      expected: 'an encoder that says how many tokens it makes of a value (it has `tokenCount`)',
      received: one.constructor.name,
    });
  }
  const values = encoder instanceof SeveralEncoder ? unpackValues(features) : [features];
  return values.map((value) => askPart('encoder', 'tokenCount()', () => one.tokenCount!(value, layer)));
}
