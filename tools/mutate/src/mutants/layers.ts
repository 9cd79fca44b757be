import { mutantsOf } from '../mutant';

const attention = [
  'packages/nn/src/multi-head-attention',
  'packages/nn/src/functional/scaled-dot-product-attention',
  'packages/nn/src/grouped-query-attention',
];
const transformer = ['packages/nn/src/transformer-layer.test'];

/** Faults of layers: attention, norms, activations, dropout, positions. */
export const layerFaults = [
  ...mutantsOf('packages/nn/src/multi-head-attention.ts', attention, {
    'attention: the mask is inverted': ['tf.mul(tf.sub(1, mask), EXCLUDED_LOGIT)', 'tf.mul(mask, EXCLUDED_LOGIT)'],
    'attention: the mask multiplies logits, so that what is excluded has the logit 0': [
      'tf.mul(tf.sub(1, mask), EXCLUDED_LOGIT)',
      'tf.mul(tf.sub(1, mask), 0)',
    ],
    'attention: the scale is 1/d, not 1/√d': ['headDim ** -0.5', 'headDim ** -1'],
    'attention: a huge key behind the mask outweighs its bias': [
      'const attendable = tf.mul<tf.Tensor3D>(keyValue, tf.expandDims(mask, 2)); // or a huge key would outweigh its bias',
      'const attendable = keyValue;',
    ],
    'attention: grouped heads are repeated in the wrong order': [
      'const heads = tf.reshape(x, [batch * length, this.numKeyValueHeads, 1, this.headDim]);\n    return tf.reshape(tf.add(heads, tf.zeros([1, 1, group, 1])), [',
      'const heads = tf.reshape(x, [batch * length, 1, this.numKeyValueHeads, this.headDim]);\n    return tf.reshape(tf.add(heads, tf.zeros([1, group, 1, 1])), [',
    ],
    'attention: keys are not rotated': ['key: rotation ? rotateHeads(key, rotation) : key', 'key'],
    'attention: values are rotated too': [
      'value: this.value.forward(attendable) };',
      'value: rotation ? rotateHeads(this.value.forward(attendable), rotation) : key };',
    ],
  }),
  ...mutantsOf('packages/nn/src/functional/scaled-dot-product-attention.ts', attention, {
    'attention: a row without a key gets the mean of all values': [
      'const attended = tf.mul<tf.Tensor4D>(tf.matMul(kept, v), present);',
      'const attended = tf.matMul<tf.Tensor4D>(kept, v);',
    ],
    'attention: the gradient of the softmax forgets the sum of the row': [
      'tf.sub(dWeights, rowSums)',
      'tf.sub(dWeights, 0)',
    ],
  }),
  ...mutantsOf(
    'packages/nn/src/functional/rotate-heads.ts',
    ['packages/nn/src/rotary-embedding.test', 'packages/encoder-text/src/families/text-families'],
    {
      'rotations: halves are interleaved the other way': [
        'tf.add(tf.mul(second, c), tf.mul(first, s))',
        'tf.sub(tf.mul(second, c), tf.mul(first, s))',
      ],
      'rotations: the gradient turns in the same direction': ['rotated(dy, cos, tf.neg(sin))', 'rotated(dy, cos, sin)'],
    },
  ),
  ...mutantsOf(
    'packages/nn/src/keep-mask.ts',
    ['packages/nn/src/dropout', 'packages/nn/src/feed-forward', ...transformer],
    {
      'dropout: active in inference': ['!context.training || rate === 0', 'rate === 0'],
      'dropout: what stays is not scaled': ['keep, 1 / keep)', 'keep, 1)'],
    },
  ),
  ...mutantsOf('packages/nn/src/functional/random-mask.ts', ['packages/nn/src/keep-mask'], {
    'dropout: a row of a mask is like the next but for a shift': ['words[rows + i]]', 'words[rows]]'],
    'dropout: columns of a mask are more often kept than others': ['words[i] |= 1;', 'words[i] &= ~1;'],
  }),
  ...mutantsOf('packages/core/src/context.ts', ['packages/core/src/model.test', ...transformer], {
    'dropout: the same in every layer': ['now().fold(path).fold(draw)', 'now()'],
    'dropout: the same at each call of a module': ['draws.set(module, draw + 1);', ''],
  }),
  ...mutantsOf('packages/nn/src/transformer-layer.ts', transformer, {
    'layer: the second residual starts from the layer’s input': [
      'return tf.add(attended, feed(this.norm2.forward(attended)));',
      'return tf.add(tokens, feed(this.norm2.forward(attended)));',
    ],
    'layer: post-norm forgets a residual': [
      'this.norm2.forward(tf.add<tf.Tensor3D>(attended, feed(attended)))',
      'this.norm2.forward(feed(attended))',
    ],
    'layer: the feed-forward is not dropped with its path': [
      'dropPath(feedForward(x), this.dropPath, context, this)',
      'feedForward(x)',
    ],
  }),
  ...mutantsOf('packages/nn/src/functional/layer-norm.ts', ['packages/nn/src/layer-norm'], {
    'layer norm: ε is added to the deviation': [
      'tf.rsqrt(tf.add<tf.Tensor2D>(variance, eps))',
      'tf.div(1, tf.add<tf.Tensor2D>(tf.sqrt(variance), eps)) as tf.Tensor2D',
    ],
    'layer norm: the gradient forgets the mean': ['meanProduct)), meanGradient);', 'meanProduct)), 0);'],
  }),
  ...mutantsOf('packages/nn/src/functional/gelu.ts', ['packages/nn/src/activations'], {
    'GELU: half of it': ['tf.mul(tf.erf(u), 0.5), 0.5)', 'tf.mul(tf.erf(u), 0.5), 0)'],
  }),
  ...mutantsOf('packages/nn/src/batch-norm.ts', ['packages/nn/src/batch-norm'], {
    'batch norm: mixes rows, with the mean of the batch': [
      'tf.sub(x, asConstant(this.runningMean.value))',
      'tf.sub(x, tf.mean(x, 0, true))',
    ],
  }),
  ...mutantsOf('packages/nn/src/masked-mean.ts', ['packages/nn/src/masked-mean'], {
    'pooling: padding counts': [
      'tf.div(mask, tf.maximum(tf.sum(mask, 1, true), 1))',
      'tf.div(tf.onesLike(mask), length)',
    ],
    'pooling: the sum is divided by the padded length': [
      'tf.div(mask, tf.maximum(tf.sum(mask, 1, true), 1))',
      'tf.div(mask, length)',
    ],
  }),
  ...mutantsOf('packages/nn/src/zero-padding.ts', ['packages/nn/src/zero-padding'], {
    'padding: is multiplied by the mask, so that NaN stays': [
      "tf.where(takesPart, values, tf.scalar(0, values.dtype as 'float32' | 'int32')) as T;",
      'tf.mul(values, tf.cast(takesPart, values.dtype)) as T;',
    ],
  }),
  ...mutantsOf('packages/nn/src/sinusoidal-positions.ts', ['packages/nn/src/sinusoidal'], {
    'positions: off by one': ['Math.sin(position * frequency)', 'Math.sin((position + 1) * frequency)'],
    'positions: frequencies of single values, not of pairs': ['10000 ** (-pair / size)', '10000 ** (-pair / 2 / size)'],
  }),
  ...mutantsOf('packages/nn/src/initializers.ts', ['packages/nn/src/initializers'], {
    'initial values: the fan is of one side alone': ['Math.sqrt(6 / (fanIn + fanOut))', 'Math.sqrt(6 / fanIn)'],
  }),
  ...mutantsOf('packages/nn/src/swin/windows.ts', ['packages/nn/src/swin'], {
    'windows: cut without exchanging axes': ['tf.transpose(cut, [0, 2, 1, 3])', 'cut'],
    'windows: shifted in one direction alone': [
      'shiftAxis(shiftAxis(maps, shift, 1), shift, 2)',
      'shiftAxis(maps, shift, 1)',
    ],
  }),
];
