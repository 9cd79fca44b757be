import { mutantsOf } from '../mutant';

const textFamilies = ['packages/encoder-text/src/families/text-families'];

/** Faults of encoders: positions under padding, pooling, patches, spectrograms. */
export const encoderFaults = [
  ...mutantsOf('packages/nn/src/positions-from-mask.ts', ['packages/nn/src/positions-from-mask', ...textFamilies], {
    'positions: padding on the left counts': ['tf.cumsum(mask, 1)', 'tf.cumsum(tf.onesLike(mask), 1)'],
    'positions: off by one under padding on the left': ['tf.sub(tf.cumsum(mask, 1), 1)', 'tf.cumsum(mask, 1)'],
  }),
  ...mutantsOf('packages/encoder-text/src/pool-tokens.ts', ['packages/encoder-text/src/pool-tokens'], {
    'pooling: the last token of the padded row': [
      'return largestOf(tf.mul(mask, tf.range(1, mask.shape[1] + 1)), mask);',
      'return tf.mul(tf.onesLike(mask), tf.oneHot(tf.scalar(mask.shape[1] - 1, "int32"), mask.shape[1])) as tf.Tensor2D;',
    ],
    'pooling: the maximum sees padding': ['tf.where(takesPart, tokens, tf.fill(tokens.shape, lowest))', 'tokens'],
  }),
  ...mutantsOf(
    'packages/encoder-text/src/text-processor.ts',
    ['packages/encoder-text/src/text-processor', 'packages/encoder-text/src/text-transformer'],
    {
      'text: the mask covers padding': ['lengthMask(own, tokens)', 'lengthMask(own.map(() => tokens), tokens)'],
    },
  ),
  ...mutantsOf('packages/encoder-text/src/byte-tokenizer.ts', ['packages/encoder-text/src/byte-tokenizer'], {
    'text: a character is cut in the middle': ['(bytes[position] & 0xc0) === 0x80', 'false'],
  }),
  ...mutantsOf('packages/encoder-vision/src/normalize-pixels.ts', ['packages/encoder-vision/src/image-processor'], {
    'pictures: the mean of the first channel for all': ['scale - mean[channel]', 'scale - mean[0]'],
    'pictures: floats are taken for levels': ['normalized(255 * data[at],', 'normalized(data[at],'],
  }),
  ...mutantsOf(
    'packages/encoder-vision/src/resampling-weights.ts',
    ['packages/encoder-vision/src/image-processor', 'packages/encoder-vision/src/preprocessing'],
    {
      'pictures: resampling off by half a pixel': [
        '(range.start + index + 0.5) * scale',
        '(range.start + index) * scale',
      ],
      'pictures: no antialiasing': ['const widening = Math.max(scale, 1);', 'const widening = 1;'],
    },
  ),
  ...mutantsOf('packages/encoder-vision/src/image-recipe.ts', ['packages/encoder-vision/src/image-processor'], {
    'pictures: not rescaled to 0 … 1': ['scale: 1 / 255', 'scale: 1'],
  }),
  ...mutantsOf('packages/encoder-vision/src/fit-image.ts', ['packages/encoder-vision/src/image-processor'], {
    'pictures: cropped at the corner, not the centre': ['[(length - part) / 2, (length + part) / 2]', '[0, part]'],
  }),
  ...mutantsOf(
    'packages/encoder-vision/src/fractional-positions.ts',
    ['packages/encoder-vision/src/families/idefics3'],
    {
      'pictures: positions of a small one are those of the largest': [
        'tf.div(begins, tf.maximum(count, 1))',
        'tf.div(begins, length)',
      ],
      'pictures: positions count columns for rows': [
        'tf.add(tf.mul(tf.expandDims(row, 2), columns), tf.expandDims(column, 1))',
        'tf.add(tf.expandDims(row, 2), tf.mul(tf.expandDims(column, 1), columns))',
      ],
    },
  ),
  ...mutantsOf('packages/encoder-vision/src/patch-embeddings.ts', ['packages/encoder-vision/src/families/idefics3'], {
    'pictures: what stands in padding is embedded': [
      'patchMask ? withoutPadding(whole, patchMask, this.#patchSize) : whole',
      'whole',
    ],
  }),
  ...mutantsOf(
    'packages/encoder-vision/src/tiling-image-processor.ts',
    ['packages/encoder-vision/src/tiling-image-processor'],
    {
      'pictures: tiles are counted column by column': [
        'tileOf(picture, tileSize, Math.floor(index / columns), index % columns)',
        'tileOf(picture, tileSize, index % rows, Math.floor(index / rows))',
      ],
      'pictures: the whole stands before its tiles': ['[...tiles, whole]', '[whole, ...tiles]'],
      'pictures: the whole is made of the original, not of what the tiles are cut from': [
        'const whole = this.#row(this.#squeezed(picture));',
        'const whole = this.#row(this.#squeezed(await this.#resized(raw, context)));',
      ],
      'pictures: the shorter side is rounded down to whole tiles': [
        'up(Math.trunc(up(width) / ratio))',
        'Math.max(tile, Math.floor(up(width) / ratio / tile) * tile)',
      ],
    },
  ),
  ...mutantsOf('packages/encoder-audio/src/resample.ts', ['packages/encoder-audio/src/resample'], {
    'sound: resampling off by one': ['Math.floor(position / up) - reach + 1', 'Math.floor(position / up) - reach'],
    'sound: no low-pass before decimation': ['const bandwidth = Math.min(1, up / down);', 'const bandwidth = 1;'],
  }),
  ...mutantsOf(
    'packages/encoder-audio/src/recording.ts',
    ['packages/encoder-audio/src/audio-processor', 'packages/encoder-audio/src/read-recording'],
    {
      'sound: channels are summed, not averaged': ['channel[i] / channels.length', 'channel[i]'],
    },
  ),
  ...mutantsOf(
    'packages/encoder-audio/src/log-mel-spectrogram.ts',
    ['packages/encoder-audio/src/log-mel-spectrogram'],
    {
      'sound: a symmetric window, not a periodic one': [
        '(2 * Math.PI * n) / windowLength)',
        '(2 * Math.PI * n) / (windowLength - 1))',
      ],
      'sound: frames begin at their place, not around it': ['t * hopLength - (windowLength >> 1)', 't * hopLength'],
    },
  ),
  ...mutantsOf('packages/encoder-audio/src/normalize-log-mel.ts', ['packages/encoder-audio/src/normalize-log-mel'], {
    'sound: the range is of one decade too few': ['const dynamicRange = 8;', 'const dynamicRange = 7;'],
  }),
  ...mutantsOf(
    'packages/encoder-audio/src/convolution-stem.ts',
    ['packages/encoder-audio/src/convolution-stem', 'packages/encoder-audio/src/mel-transformer'],
    {
      'sound: padding enters the second convolution': [
        'layer.forward(zeroPadding(tokens, tokenMask))',
        'layer.forward(tokens)',
      ],
    },
  ),
];
