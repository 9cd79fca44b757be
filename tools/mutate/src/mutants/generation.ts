import { mutantsOf } from '../mutant';

const logits = ['packages/generation/src/logits', 'packages/generation/src/choose-token'];
const cache = ['packages/generation/src/cache', 'packages/architectures/src/language-model/decode-through-layers'];

const prefixes = ['packages/architectures/src/language-model/one-program'];

/** Faults of generation: choosing tokens, caches. */
export const generationFaults = [
  ...mutantsOf('packages/nn/src/causal-bias.ts', ['packages/nn/src/causal-bias'], {
    'causal: a token sees the next one': ['tf.greaterEqual(back, 0)', 'tf.greaterEqual(back, -1)'],
    'causal: the window is one too long': ['tf.less(back, window)', 'tf.lessEqual(back, window)'],
  }),
  ...mutantsOf('packages/generation/src/logits/temperature.ts', logits, {
    'generation: multiplies by the temperature': ['(logits[id] - from) / value', '(logits[id] - from) * value'],
  }),
  ...mutantsOf('packages/generation/src/logits/repetition-penalty.ts', logits, {
    'generation: the penalty rewards what is negative': [
      'logits[id] < 0 ? logits[id] * penalty : logits[id] / penalty',
      'logits[id] / penalty',
    ],
  }),
  ...mutantsOf('packages/generation/src/logits/keep-likely.ts', logits, {
    'generation: top-p keeps one token too few': ['below + shares[kept] <= 1 - p', 'below <= 1 - p'],
  }),
  ...mutantsOf('packages/generation/src/beam-search.ts', ['packages/architectures/src/language-model/beam-search'], {
    'beams: sequences that rank below the beams are kept': ['rank < this.#width', 'rank < Infinity'],
    'beams: the penalty multiplies': ['score / step ** this.#lengthPenalty', 'score * step ** this.#lengthPenalty'],
  }),
  ...mutantsOf('packages/generation/src/running-sequences.ts', ['packages/generation/src/generate-tokens'], {
    'generation: sequences that have ended are run to the end': [
      'rows.length > mostKept * this.#indices.length',
      'rows.length > 0',
    ],
    'generation: rows that go on are taken for the first sequences': [
      'this.#indices = rows.map((row) => this.#indices[row]);',
      'this.#indices = rows.map((_, row) => row);',
    ],
  }),
  ...mutantsOf('packages/generation/src/cache/cached-decoding.ts', ['packages/architectures/src/whisper'], {
    'generation: rows that go on look at what those before them looked at': ['if (isSame) return;', 'return;'],
  }),
  ...mutantsOf('packages/architectures/src/whisper/heard.ts', ['packages/architectures/src/whisper'], {
    'speech: words begin where their first token ends': [
      'seconds(from + places[first]! - 1)',
      'seconds(from + places[first]!)',
    ],
  }),
  ...mutantsOf('packages/architectures/src/whisper/whisper-decoder.ts', ['packages/architectures/src/whisper'], {
    'whisper: times are told in the text that predict writes': ['return id < this.firstTime;', 'return id >= 0;'],
  }),
  ...mutantsOf('packages/architectures/src/whisper/token-steps.ts', ['packages/architectures/src/whisper'], {
    'speech: where heads look is not smoothed over time': [
      'const half = Math.floor(width / 2);',
      'const half = 0 * width;',
    ],
  }),
  ...mutantsOf('packages/architectures/src/whisper/write-windows.ts', ['packages/architectures/src/whisper'], {
    'speech: what is written anew leaves behind what it was about': ['tf.dispose({ ...own });', ''],
  }),
  ...mutantsOf('packages/architectures/src/whisper/log-probability.ts', ['packages/architectures/src/whisper'], {
    'speech: what is sought in beams is as likely as before what may not come is left out': [
      'for (const place of ids.keys()) this.#sum -=',
      'for (const place of ids.slice(ids.length).keys()) this.#sum -=',
    ],
  }),
  ...mutantsOf('packages/generation/src/search-beams.ts', ['packages/architectures/src/language-model/beam-search'], {
    'beams: caches stay where they were': ['...(isReordered && { rows })', ''],
  }),
  ...mutantsOf('packages/generation/src/stop-strings.ts', ['packages/encoder-text/src/generation/stop-strings'], {
    'stop strings: one that was there ends a text': ['Math.max(0, before - string.length + 1)', '0'],
  }),
  ...mutantsOf(
    'packages/generation/src/constraint/constraint.ts',
    ['packages/encoder-text/src/generation/constraint'],
    {
      'constraints: what reaches beyond a rule is not tried': ['this.#trie.fits(this.#automaton, state, id)', 'true'],
    },
  ),
  ...mutantsOf('packages/nn/src/attention-layer.ts', cache, {
    'cache: a layer does not put its keys there': [
      '[...caches.slice(0, index), written!, ...caches.slice(index + 1)]',
      'caches',
    ],
    'cache: every layer has that of the first': ['x, caches[index], { places', 'x, caches[0], { places'],
  }),
  ...mutantsOf('packages/generation/src/cache/cached-decoding.ts', cache, {
    'cache: written one step late': [
      'numKeyValueHeads, added], this.#taken);',
      'numKeyValueHeads, added], this.#taken - 1);',
    ],
    'cache: chosen rows keep the memory of others': ['this.#memory = Object.fromEntries(memory);', ''],
  }),
  ...mutantsOf('packages/generation/src/cache/slots-seen.ts', cache, {
    'cache: positions count the padding before a prompt': ['taken + token - starts[row]', 'taken + token'],
    'cache: the padding before a prompt is seen': [
      'Math.max(starts[row], slot - window + 1)',
      'Math.max(0, slot - window + 1)',
    ],
  }),
  ...mutantsOf('packages/generation/src/prefix/prefix-cache.ts', prefixes, {
    'prefixes: they outlive the weights': ['isUnchanged(this.#computedBy, encoder)', 'true'],
    'prefixes: the last token is taken for known': ['tokens.places.length - 1);', 'tokens.places.length);'],
    'prefixes: what is forgotten is not freed': [
      'tf.dispose([kept.unfinished, ...kept.caches.flatMap(({ keys, values }) => [keys, values])]);',
      '',
    ],
    'prefixes: more is kept than there is room for': ['if (bytes > this.#maxBytes) return;', ''],
  }),
  ...mutantsOf('packages/generation/src/prefix/cache-prefixes.ts', prefixes, {
    'prefixes: what is kept no more ends what is kept now': ['fusion.prefixes === prefixes', 'true'],
  }),
  ...mutantsOf('packages/generation/src/prefix/prefix-layout.ts', prefixes, {
    'prefixes: shorter rows are taken from the first slot on': ['this.starts[row] + index', 'index'],
  }),
  ...mutantsOf('packages/generation/src/packed-prompts.ts', prefixes, {
    'packed prompts: all of a row are one text': [
      'this.#filled(Int32Array, (prompt) => prompt)',
      'this.#filled(Int32Array, () => 1)',
    ],
    'packed prompts: they are put back in the order of their lengths': [
      'places[prompt][place] = at++',
      'places[prompts[0]][place] = at++',
    ],
    'packed prompts: what stands between the tokens of a text is taken for one': [
      'prompt * length + this.#places[prompt][token]',
      'prompt * length + token',
    ],
  }),
  ...mutantsOf('packages/core/src/predict/batch-key.ts', prefixes, {
    'predict: texts of mixed lengths are written behind apart': ['fusion.takesMixedLengths(slot)', 'false'],
    'predict: a long text makes room for itself in all short ones': [
      'Math.max(short, 2 ** Math.ceil(Math.log2(length)))',
      'short',
    ],
  }),
  ...mutantsOf('packages/generation/src/prefix/begin-behind.ts', prefixes, {
    'prefixes: what is known of a short row lies too early': [
      '[taken - own.count, added]',
      '[0, capacity - own.count]',
    ],
    'prefixes: tokens are finished as they were': ['[starts[row], 0]', '[0, starts[row]]'],
  }),
  ...mutantsOf('packages/generation/src/prefix/row-tokens.ts', prefixes, {
    'prefixes: pictures are taken for one another': ['apart <= largest * rounding', 'true'],
  }),
  ...mutantsOf('packages/generation/src/constraint/found-tokens.ts', ['packages/generation/src/constraint'], {
    'constraints: what they found is never forgotten': ['this.#bytes -= own.bytes;', ''],
  }),
  ...mutantsOf('packages/generation/src/constraint/token-bits.ts', ['packages/generation/src/constraint'], {
    'constraints: what is beyond the vocabulary may come': ['word * 32 < values.length', 'word < bits.length'],
  }),
];
