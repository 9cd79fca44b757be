import { mutantsOf } from '../mutant';

const languageModels = 'packages/architectures/src/language-model';

/** Faults of language models: what is spliced, what goes on behind it, and what leaves the model. */
export const languageModelFaults = [
  ...mutantsOf('packages/fusion/src/splice.ts', ['packages/fusion/src/splice'], {
    'language models: a placeholder stays among the tokens that are spliced in': [
      'const own = ownElements(host, placed);',
      'const own = host.mask;',
    ],
    'language models: a row whose values are missing has no token at all': [
      'return tf.where(tf.greater(tokens, 0), own, mask);',
      'return own;',
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
      'tf.add(tf.cumsum(added, 1), tf.sum(mask, 1, true))',
      'tf.cumsum(added, 1)',
    ],
    'language models: a target sees the padding of its prompt': [
      'seen(tf.add(far, keyBias(mask)))',
      'seen(tf.add(far, tf.mul(keyBias(mask), 0)))',
    ],
  }),
  ...mutantsOf('packages/generation/src/growing-past.ts', [`${languageModels}/learning`], {
    'packing: samples that share a row see one another': [
      'tf.mul(tf.expandDims(apart, 1), EXCLUDED_LOGIT)',
      'tf.mul(tf.expandDims(apart, 1), 0)',
    ],
    'packing: positions count through the row': [
      'apart ? positionsWithin(mask, apart)',
      'apart ? positionsFromMask(mask)',
    ],
  }),
  ...mutantsOf('packages/head-text/src/guesses.ts', [`${languageModels}/learning`], {
    'conversations: questions are learned too': ['answers ? tf.mul(hasBefore, answers)', 'answers ? hasBefore'],
  }),
  ...mutantsOf('packages/core/src/packing/bind-segments.ts', [`${languageModels}/conversations`], {
    'packing: a sample has the pictures of the first of its row': ['before[slot] + row[ofValue]', 'row[ofValue]'],
  }),
  ...mutantsOf('packages/encoder-text/src/chat/python-strip.ts', ['packages/encoder-text/src/chat/chat-template'], {
    'conversations: white space of all kinds is stripped where some is named': [
      'if (!Object.hasOwn(pythonStrip, ours(method))) return;',
      'return;',
    ],
  }),
  ...mutantsOf('packages/encoder-text/src/chat/bounded-range.ts', ['packages/encoder-text/src/chat/chat-template'], {
    'conversations: a template may fill the memory': ['length <= longest', 'length >= 0'],
  }),
  ...mutantsOf('packages/cli/src/predict/asked-conversation.ts', ['packages/cli/src/predict/asked-conversation'], {
    'command: the answer stands before what is asked': ['turns.slice(0, -1)', 'turns'],
  }),
  ...mutantsOf('packages/generation/src/growing-past.ts', [`${languageModels}/lengths`], {
    'lengths: angles go by the padding of a target': ['Math.min(length + more, most)', 'length + more'],
  }),
  ...mutantsOf('packages/head-text/src/guesses.ts', [`${languageModels}/lengths`], {
    'lengths: the end of a target is fed back': [
      'mask: tf.slice<tf.Rank.R2, tf.Tensor2D>(mask, [0, 1])',
      'mask: withoutLast(mask)',
    ],
  }),
  ...mutantsOf('packages/head-text/src/last-answer.ts', [`${languageModels}/conversations`], {
    'judging conversations: the answer is shown': ['data.slice(0, begin), [begin]', 'data.slice(0, end), [end]'],
    'judging conversations: by the first answer': [
      'answers.data.lastIndexOf(0, end - 1) + 1',
      'answers.data.indexOf(1)',
    ],
  }),
  ...mutantsOf('packages/head-text/src/cider.ts', ['packages/head-text/src/cider'], {
    'CIDEr: words that are said again and again count': ['Math.min(weight, other) * other', 'weight * other'],
    'CIDEr: a picture counts once for each reference': [
      'new Set(own.flatMap(({ counts }) => counts.flatMap((ofLength) => [...ofLength.keys()])))',
      'own.flatMap(({ counts }) => counts.flatMap((ofLength) => [...ofLength.keys()]))',
    ],
    'CIDEr: no penalty for another length': ['(2 * sigma ** 2)', '1e9'],
  }),
  ...mutantsOf('packages/head-text/src/require-room.ts', [`${languageModels}/lengths`], {
    'lengths: a target may be one longer than there are positions': [
      'positions - prompt + 1',
      'positions - prompt + 2',
    ],
  }),
  ...mutantsOf('packages/head-text/src/written-target.ts', [`${languageModels}/lengths`], {
    'lengths: a long target is cut without a word': [
      "whole.length > maxLength && longTargets !== 'cut'",
      'whole.length > 64 * maxLength',
    ],
  }),
  ...mutantsOf('packages/core/src/model.ts', [`${languageModels}/lengths`], {
    'lengths: a sample is prepared however long it is': ['    checkLengths(this.#parts, prepared, where);\n', ''],
  }),
  ...mutantsOf('packages/core/src/predict/answer-samples.ts', [`${languageModels}/lengths`], {
    'lengths: a prompt is not held against what is asked': [
      '        checkLengths(parts, sample, where, optionsOf(heads));\n',
      '',
    ],
  }),
  ...mutantsOf('packages/fusion/src/decoder-fusion.ts', [`${languageModels}/lengths`], {
    'lengths: placeholders are counted beside what takes their place': ['() => true', '() => false'],
  }),
  ...mutantsOf('packages/fusion/src/taken-tokens.ts', [`${languageModels}/lengths`], {
    'lengths: a fusion is composed that takes no token': ['from >= usual', 'from > usual'],
  }),
  ...mutantsOf('packages/generation/src/generate-tokens.ts', [`${languageModels}/lengths`], {
    'lengths: the longest prompt limits all': [
      'mostNewTokens(options, promptLength(prompt), index,',
      'mostNewTokens(options, Math.max(...prompts.map(promptLength), promptLength(prompt)), index,',
    ],
  }),
  ...mutantsOf('packages/generation/src/cache/slots-seen.ts', [`${languageModels}/generate-tokens`], {
    'lengths: rows that have ended run beyond the last position': [
      'Math.min(Math.max(0, taken + token - starts[row]), last)',
      'Math.min(Math.max(0, taken + token - starts[row]), 1e6)',
    ],
  }),
  ...mutantsOf('packages/generation/src/cache/cached-decoding.ts', [`${languageModels}/prompts`], {
    'memory: a step that fails keeps what it was given': [
      '} finally {\n      tf.dispose([...Object.values(inputs), ...Object.values(masked), ...biases.values()]);',
      '} finally {',
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
