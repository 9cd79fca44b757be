import { readFileSync } from 'node:fs';
import { ConfigError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type Rotation, rotateHeads } from './functional/rotate-heads';
import { RotaryEmbedding } from './rotary-embedding';
import { rotaryFrequencies } from './rotary-frequencies';
import { rotaryParameters } from './rotary-parameters';
import { describeOnEveryBackend } from './testing/every-backend';
import { expectClose } from './testing/expect-close';
import { expectSameGradients } from './testing/expect-same-gradients';
import { seededTensor } from './testing/seeded-tensor';

interface FrequencyCase {
  readonly name: string;
  readonly parameters: unknown;
  readonly headDim: number;
  readonly maxPositionEmbeddings: number;
  readonly length: number;
  readonly frequencies: number[];
  readonly attentionFactor: number;
  /** Of the last position. */
  readonly cos: number[];
  readonly sin: number[];
}

const path = new URL('../fixtures/rotary-frequencies.json', import.meta.url);
const cases = JSON.parse(readFileSync(path, 'utf8')) as FrequencyCase[];

describe('rotaryFrequencies', () => {
  it.each(cases)('gives those of transformers: $name', ({ parameters, frequencies, attentionFactor, ...sizes }) => {
    const ours = rotaryFrequencies(rotaryParameters.parse(parameters), sizes);
    // relative, since they span orders of magnitude; both sides round to float32 a few times
    expectClose([...ours.frequencies].map(Math.log), frequencies.map(Math.log), 3e-7);
    expect(ours.attentionFactor).toBeCloseTo(attentionFactor, 6);
  });
});

describeOnEveryBackend('RotaryEmbedding', () => {
  it.each(cases)(
    'turns by the angles of transformers: $name',
    ({ parameters, headDim, maxPositionEmbeddings, length, cos, sin }) => {
      const ropeParameters = rotaryParameters.parse(parameters);
      const embedding = new RotaryEmbedding({ headDim, maxPositionEmbeddings, ropeParameters });
      const rotation = embedding.rotation(tf.reshape(tf.range(0, length), [1, length]));
      const last = (angles: tf.Tensor3D) => tf.slice(angles, [0, length - 1, 0]).dataSync();
      expectClose(last(rotation.cos), cos, 1e-5); // angles of up to 100 radians in float32
      expectClose(last(rotation.sin), sin, 1e-5);
    },
  );
});

describeOnEveryBackend('rotateHeads', () => {
  const angles = seededTensor<tf.Tensor3D>([2, 3, 2], 5);
  const rotation: Rotation = { cos: tf.cos(angles), sin: tf.sin(angles) };

  it('turns each pair of values by its angle, in every head', () => {
    const x = seededTensor<tf.Tensor3D>([2, 3, 8]); // two heads of two pairs
    const [input, output, turn] = [x, rotateHeads(x, rotation), angles].map((tensor) => tensor.arraySync());
    for (const [row, tokens] of input.entries()) {
      for (const [token, values] of tokens.entries()) {
        for (const [head, pair] of [
          [0, 0],
          [0, 1],
          [1, 0],
          [1, 1],
        ]) {
          const [real, imaginary] = [values[head * 4 + pair], values[head * 4 + pair + 2]];
          const [length, angle] = [Math.hypot(real, imaginary), Math.atan2(imaginary, real) + turn[row][token][pair]];
          const turned = [output[row][token][head * 4 + pair], output[row][token][head * 4 + pair + 2]];
          expectClose(turned, [length * Math.cos(angle), length * Math.sin(angle)], 1e-6);
        }
      }
    }
  });

  it('has the gradient that TensorFlow.js composes', () => {
    const reference = (x: tf.Tensor) => {
      const pairs = tf.reshape(x, [2, 3, 2, 2, 2]);
      const [a, b] = tf.unstack(pairs, 3);
      const [c, s] = [rotation.cos, rotation.sin].map((values) => tf.reshape(values, [2, 3, 1, 2]));
      const turned = [tf.sub(tf.mul(a, c), tf.mul(b, s)), tf.add(tf.mul(b, c), tf.mul(a, s))];
      return tf.reshape(tf.stack(turned, 3), [2, 3, 8]);
    };
    expectSameGradients([seededTensor([2, 3, 8], 1)], (x) => rotateHeads(x as tf.Tensor3D, rotation), reference);
  });
});

describe('RotaryEmbedding', () => {
  it('refuses heads of odd width', () => {
    const ropeParameters = { ropeType: 'default', ropeTheta: 10000 } as const;
    expect(() => new RotaryEmbedding({ headDim: 3, maxPositionEmbeddings: 8, ropeParameters })).toThrow(ConfigError);
  });

  it('refuses factors that are not one for each pair', () => {
    const ropeParameters = rotaryParameters.parse({
      ropeType: 'longrope',
      ropeTheta: 10000,
      shortFactor: [1, 2],
      longFactor: [1, 2, 3],
    });
    expect(() => new RotaryEmbedding({ headDim: 4, maxPositionEmbeddings: 8, ropeParameters })).toThrow(
      'longFactor: expected 2 numbers, one for each pair of the 4 values of a head, received 3.',
    );
  });
});
