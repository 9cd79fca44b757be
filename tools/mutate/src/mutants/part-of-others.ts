import { mutantsOf } from '../mutant';

/** The kit alone. */
const kit = ['apps/examples/own-modality/src/imu-conv.conformance'];

/** Faults in a part that somebody else publishes, which the conformance kit alone has to notice. */
export const partOfOthersFaults = [
  ...mutantsOf('apps/examples/own-modality/src/imu-conv.ts', kit, {
    'a part of others: padding reaches the convolution': ['zeroPadding(features.readings, mask)', 'features.readings'],
    'a part of others: padding takes part': [
      'mask: this.#tokenMask(mask), rows }',
      'mask: tf.onesLike(this.#tokenMask(mask)), rows }',
    ],
    'a part of others: pools over padding': [
      'pooled: maskedMean(normed, tokens.mask)',
      'pooled: maskedMean(normed, tf.onesLike(tokens.mask))',
    ],
    'a part of others: pools the token of the padded end': [
      'pooled: maskedMean(normed, tokens.mask)',
      'pooled: tf.squeeze(tf.slice(normed, [0, normed.shape[1] - 1, 0], [-1, 1, -1]), [1])',
    ],
    'a part of others: rows are those of a whole batch': [
      'this.#tokenMask(mask), rows }',
      'this.#tokenMask(mask), rows: Int32Array.from(rows.keys()) }',
    ],
    'a part of others: the norm mixes rows': [
      'const normed = this.norm.forward(tokens.tokens);',
      'const normed = this.norm.forward(tf.sub(tokens.tokens, tf.mean(tokens.tokens, 0, true)) as tf.Tensor3D);',
    ],
    'a part of others: dropout in inference': [
      'dropout(placed, this.hiddenDropout, context, this)',
      "dropout(placed, this.hiddenDropout, { ...context, training: true, drawFor: (_, shape) => tf.mul(2, tf.reshape(tf.cast(tf.mod(tf.range(0, tf.util.sizeFromShape(shape), 1, 'int32'), 2), 'float32'), shape)) }, this)",
    ],
    'a part of others: dropout of an own generator': [
      'dropout(placed, this.hiddenDropout, context, this)',
      '(context.training ? tf.dropout(placed, this.hiddenDropout) : placed)',
    ],
    'a part of others: a layer attends to padding': [
      'forward(tokens.tokens, tokens.mask, context)',
      'forward(tokens.tokens, tf.onesLike(tokens.mask), context)',
    ],
    'a part of others: positions of the padded length, from its end': [
      'sinusoidalPositions(tokens.shape[1], this.hiddenSize)',
      'tf.reverse(sinusoidalPositions(tokens.shape[1], this.hiddenSize), 0)',
    ],
    'a part of others: a parameter that is not registered': [
      'const normed = this.norm.forward(tokens.tokens);',
      'const normed = tf.mul(this.norm.forward(tokens.tokens), (globalThis.hidden ??= tf.variable(tf.scalar(2))));',
    ],
  }),
  ...mutantsOf('apps/examples/own-modality/src/imu-processor.ts', kit, {
    'a part of others: the mask covers padding': [
      'lengthMask(rows.map(numReadings), padded)',
      'lengthMask(rows.map(() => padded), padded)',
    ],
    'a part of others: features keep a reference to what was given': [
      'const values = new Float32Array(length * channels);',
      'const values = (globalThis.shared ??= new Float32Array(1e5)).subarray(0, length * channels);',
    ],
  }),
];
