import { mutantsOf } from '../mutant';

const languageModels = 'packages/architectures/src/language-model';

/** Faults of language models: what is spliced, what goes on behind it, and what leaves the model. */
export const languageModelFaults = [
  ...mutantsOf('packages/fusion/src/splice.ts', ['packages/fusion/src/splice'], {
    'language models: a placeholder stays among the tokens that are spliced in': [
      'const own = host.placeSlot ? tf.mul(host.mask, isTrue(tf.less(host.placeSlot, 0))) : host.mask;',
      'const own = host.mask;',
    ],
    'language models: what has no place is spliced over the words': [
      'tf.add<tf.Tensor2D>(tf.cumsum(widths, 1, true), tf.sum(front, 1, true))',
      'tf.cumsum<tf.Tensor2D>(widths, 1, true)',
    ],
  }),
  ...mutantsOf('packages/core/src/predict/first-pass.ts', [`${languageModels}/one-program`], {
    'language models: a prompt runs past the program of what follows it': [
      'mayCompile: programs !== undefined && canCompile()',
      'mayCompile: false',
    ],
  }),
  ...mutantsOf('packages/backend-onnx/src/recording/recorder.ts', ['packages/backend-onnx/src/stored-values'], {
    'language models: weights are read for what nobody holds': [
      'for (const position of program.inputPositions) trace.feeds[position] ??= unread.get(position)!.values;',
      'for (const [position, data] of unread) trace.feeds[position] = data.values;',
    ],
  }),
  ...mutantsOf('packages/generation/src/growing-past.ts', [`${languageModels}/learning`], {
    'language models: positions of a target begin anew': [
      ", tf.cast(tf.sum(mask, 1, true), 'int32'));",
      ", tf.cast(tf.mul(tf.sum(mask, 1, true), 0), 'int32'));",
    ],
    'language models: a target sees the padding of its prompt': [
      'seen(tf.add(far, keyBias(mask)))',
      'seen(tf.add(far, tf.mul(keyBias(mask), 0)))',
    ],
  }),
  ...mutantsOf('packages/head-text/src/language-model-head.ts', [`${languageModels}/learning`], {
    'language models: padding of a target is learned': [
      'tf.mul(sparseSoftmaxCrossEntropy(logits, ids), mask)',
      'sparseSoftmaxCrossEntropy(logits, ids)',
    ],
  }),
  ...mutantsOf('packages/head-text/src/prompt-mask.ts', [`${languageModels}/prompts`], {
    'language models: a text goes on behind the token that closes it': [
      'tf.sub(1, tf.cast(isClosing,',
      'tf.sub(1, tf.cast(tf.logicalAnd(isClosing, false),',
    ],
  }),
  ...mutantsOf('packages/core/src/predict/model-signature.ts', ['packages/core/src/predict/produce'], {
    'language models: a signature feeds a head with what its parent would have produced': [
      'name === head && tree.heads[name].passScores',
      'tree.heads[name].passScores',
    ],
  }),
  ...mutantsOf('packages/nn/src/functional/sparse-softmax-cross-entropy.ts', ['packages/nn/src/functional'], {
    'language models: the gradient forgets the token that came': [
      'tf.sub(tf.exp(tf.neg(value)), 1)',
      'tf.exp(tf.neg(value))',
    ],
  }),
];
