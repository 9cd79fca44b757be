import { mutantsOf } from '../mutant';

const loss = ['packages/nn/src/functional/ctc-loss'];
const reading = ['packages/head-text/src/ctc/ctc.test'];
const families = ['packages/architectures/src/ctc'];

/** Faults of Connectionist Temporal Classification. */
export const ctcFaults = [
  ...mutantsOf('packages/nn/src/functional/ctc-loss.ts', loss, {
    'ctc: a label follows its like without a blank': [
      "tf.logicalAnd(tf.notEqual(states, tf.scalar(blank, 'int32')), tf.notEqual(states, lastButOne))",
      "tf.notEqual(states, tf.scalar(blank, 'int32'))",
    ],
    'ctc: the frame itself counts twice in the gradient': [
      'tf.sub(tf.add(ahead, turnedBack), emitted)',
      'tf.add(ahead, turnedBack)',
    ],
    'ctc: frames of padding learn': [
      'tf.mul(mask, tf.mul(factor, tf.reshape(dy, [batch, 1])))',
      'tf.mul(tf.onesLike(mask), tf.mul(factor, tf.reshape(dy, [batch, 1])))',
    ],
    'ctc: every row takes the frames of the first': [
      'tf.reshape(tf.add(places, starts), [places.size])',
      'tf.reshape(places, [places.size])',
    ],
    'ctc: a text does not end in a blank': ['const larger = tf.maximum(blank, label);', 'const larger = label;'],
    'ctc: a label that there is not costs nothing': [
      'tf.where(isUnknown, tf.fill([batch, 1], Number.NaN), known)',
      'known',
    ],
  }),
  ...mutantsOf('packages/head-text/src/ctc/search-prefixes.ts', reading, {
    'ctc: a repetition is a new label without a blank between': [
      'id === prefix.id ? prefix.inBlank : prefix.total',
      'prefix.total',
    ],
    'ctc: a search is as large as it likes': [
      'if (candidates <= maxCandidates) return;',
      'if (candidates > 0) return;',
    ],
    'ctc: a search is not stopped': ['    signal?.throwIfAborted();\n  }', '  }'],
    'ctc: of many candidates some of the best are lost': ['this.#all[this.most - 1]!.score', 'this.#all[0]!.score'],
  }),
  ...mutantsOf('packages/head-text/src/ctc/prefix.ts', reading, {
    'ctc: a prefix that was dropped and found again is another': [
      'if (this.#longer.size > 0 || !this.parent) return;',
      'if (!this.parent) return;',
    ],
    'ctc: the likeliest way begins a label anew at each frame': [
      'last: { ...last, endFrame: frame + 1 }',
      'last: { ...last, startFrame: frame, endFrame: frame + 1 }',
    ],
  }),
  ...mutantsOf('packages/head-text/src/ctc/best-path.ts', reading, {
    'ctc: a blank between two equal labels makes them one': ['    last = id;', '    if (id !== blank) last = id;'],
  }),
  ...mutantsOf('packages/architectures/src/ctc/transcribe-frames.ts', families, {
    'ctc: windows are put together with what overlaps': ['const left = start === 0 ? 0 : stride;', 'const left = 0;'],
  }),
];
