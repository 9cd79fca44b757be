import { ConfigError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Rotation } from './functional/rotate-heads';
import { rotaryFrequencies } from './rotary-frequencies';
import type { RotaryParameters } from './rotary-parameters';

/** Config of {@link RotaryEmbedding}. */
export interface RotaryEmbeddingConfig {
  /** d, the width of a head: even. */
  readonly headDim: number;
  /** Positions that the model was trained for. */
  readonly maxPositionEmbeddings: number;
  readonly ropeParameters: RotaryParameters;
}

/** The angles of rotary position embedding (Su et al. 2021, section 3.2.2; HF `LlamaRotaryEmbedding`). It has no parameters. */
export class RotaryEmbedding {
  /** @throws ConfigError if the width is odd, or `longrope` has not a factor for each pair */
  constructor(readonly config: RotaryEmbeddingConfig) {
    const { headDim, ropeParameters } = config;
    if (!(headDim > 0 && headDim % 2 === 0)) {
      throw new ConfigError({ where: 'headDim', expected: 'an even number', received: String(headDim) });
    }
    if (ropeParameters.ropeType !== 'longrope') return;
    for (const name of ['shortFactor', 'longFactor'] as const) {
      const { length } = ropeParameters[name];
      if (length === headDim / 2) continue;
      const expected = `${headDim / 2} numbers, one for each pair of the ${headDim} values of a head`;
      throw new ConfigError({ where: name, expected, received: String(length) });
    }
  }

  /**
   * @param positions (B or 1, N), of each token
   * @param sequence  how long the sequence is that the tokens are of, which counts for some scalings; N by default
   * @returns each (B or 1, N, d/2)
   */
  rotation(positions: tf.Tensor2D, sequence = positions.shape[1]): Rotation {
    const [batch, length] = positions.shape;
    const sizes = { ...this.config, length: sequence };
    const { frequencies, attentionFactor } = rotaryFrequencies(this.config.ropeParameters, sizes);
    const steps = tf.reshape(tf.cast(positions, 'float32'), [batch, length, 1]);
    const angles = tf.mul<tf.Tensor3D>(steps, tf.tensor(frequencies, [1, 1, frequencies.length]));
    return { cos: tf.mul(tf.cos(angles), attentionFactor), sin: tf.mul(tf.sin(angles), attentionFactor) };
  }

  /** A length for which angles grow as they do for the given one, the same for as many lengths as possible. */
  lengthWithSameAngles(length: number): number {
    const { ropeParameters, maxPositionEmbeddings } = this.config;
    if (ropeParameters.ropeType === 'dynamic') return Math.max(length, maxPositionEmbeddings);
    if (ropeParameters.ropeType !== 'longrope') return maxPositionEmbeddings;
    const trained = ropeParameters.originalMaxPositionEmbeddings ?? maxPositionEmbeddings;
    return length > trained ? trained + 1 : trained;
  }
}
