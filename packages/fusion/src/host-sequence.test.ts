import { hostTensor, SampleError } from '@polymodal/core';
import { CausalReadings } from '@polymodal/testing';
import { expect, it } from 'vitest';
import { decoder } from './decoder-fusion';
import { fixedEncoders } from './testing/fixed-encoder';

const encoders = { text: new CausalReadings(4), ...fixedEncoders({ modalities: ['image'] }) }; // 256 positions
const fusion = decoder.create(decoder.config.parse({}), { hiddenSize: 4, encoders });

/** A sequence with values of `image` at its first elements. */
const host = (length: number, places: number) => ({
  values: hostTensor(new Float32Array(3 * length), [length, 3]),
  placeSlot: hostTensor(
    Int16Array.from({ length }, (_, index) => (index < places ? 1 : -1)),
    [length],
  ),
});
const image = (tokens: number) => ({ tokens: hostTensor(new Float32Array(6 * tokens), [tokens, 6]) });

it('a sequence has the tokens of its values in place of what stands for them, and of what is missing none', () => {
  expect(fusion.tokenCount!(encoders, { text: host(10, 1), image: image(30) })).toBe(39);
  expect(fusion.tokenCount!(encoders, { text: host(10, 1) })).toBe(9);
  expect(fusion.tokenCount!(encoders, { text: host(227, 1), image: image(30) })).toBe(256);
  expect(fusion.tokenCount!(encoders, { text: host(2, 2) })).toBe(2); // which stay, since there is nothing else
});

it.each([
  [{ text: host(228, 1), image: image(30) }, 'received 257: 227 of "text", 30 of "image".'],
  [{ text: host(257, 0) }, 'expected at most 256 tokens, which the encoder of "text" has positions for, received 257.'],
])('a sequence that is too long is refused', (features, message) => {
  expect(() => fusion.tokenCount!(encoders, features)).toThrow(SampleError);
  expect(() => fusion.tokenCount!(encoders, features)).toThrow(message);
});
