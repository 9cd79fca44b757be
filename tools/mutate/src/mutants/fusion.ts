import { mutantsOf } from '../mutant';

const masked = ['packages/fusion/src/masked-transformer'];

/** Faults of fusions: absent modalities, spans, gates. */
export const fusionFaults = [
  ...mutantsOf('packages/fusion/src/modality-tokens.ts', masked, {
    'fusion: padding of an encoder enters the projection': [
      'const clean = zeroPadding(tokens, mask);',
      'const clean = tokens;',
    ],
    'fusion: absent rows take part': [
      'mask: missing ? placeRows(mask, rows, size, padMask(length)) : own,',
      'mask: tf.ones([size, length]),',
    ],
  }),
  ...mutantsOf('packages/fusion/src/token-owners.ts', masked, {
    'fusion: tokens belong to the slots that the batch has, counted through': [
      '1 + slots.indexOf(slot)',
      '1 + Object.keys(own).indexOf(slot)',
    ],
    'fusion: tokens in front belong to the first slot': [
      '...(nobodys ? [nobodys] : [])',
      '...(nobodys ? [tf.onesLike(nobodys)] : [])',
    ],
  }),
  ...mutantsOf('packages/fusion/src/gated-cross-attention.ts', masked, {
    'fusion: a gate that is open at first': [
      'this.gate = new Parameter([], zeros);',
      'this.gate = new Parameter([], () => Float32Array.of(1));',
    ],
    'fusion: a gate acts on rows that lack its modality': [
      'tf.mul(tf.tanh(this.gate.value), present)',
      'tf.mul(tf.tanh(this.gate.value), tf.onesLike(present))',
    ],
  }),
  ...mutantsOf('packages/fusion/src/joint-transformer.ts', masked, {
    'fusion: the class token is left out of the mask’s order': [
      'tf.concat([tf.ones<tf.Rank.R2>([size, 1]), ...Object.values(parts)], 1)',
      'tf.concat([...Object.values(parts), tf.ones<tf.Rank.R2>([size, 1])], 1)',
    ],
    'fusion: what is absent is not 0 in the fused tokens': [
      'tokens = zeroPadding(this.norm.forward(tokens), mask);',
      'tokens = this.norm.forward(tokens);',
    ],
    'fusion: pools the mean, absent tokens among them': [
      'tf.slice(tokens, [0, 0, 0], [-1, 1, -1])',
      'tf.mean(tokens, 1, true)',
    ],
  }),
  ...mutantsOf('packages/nn/src/modality-bias.ts', ['packages/nn/src/modality-bias'], {
    'fusion: interaction weights are added, not their logarithms': ['tf.log(positive)', 'positive'],
    'fusion: query and key of an interaction are exchanged': [
      'tf.matMul(ownerIndicators(query, rows), byRow)',
      'tf.matMul(ownerIndicators(query, rows), byRow, false, true)',
    ],
    'fusion: an interaction of 0 gets a gradient': [
      '[tf.where(included, tf.div(dy, positive), 0)]',
      '[tf.div(dy, positive)]',
    ],
  }),
  ...mutantsOf('packages/fusion/src/bottleneck-fusion.ts', ['packages/fusion/src/between-layers.parity'], {
    'fusion: bottlenecks are the mean over all modalities, absent ones too': [
      'tf.div<tf.Tensor3D>(tf.addN(told), tf.addN(tellers))',
      'tf.div<tf.Tensor3D>(tf.addN(told), told.length)',
    ],
  }),
  ...mutantsOf('packages/fusion/src/cross-attention-layer.ts', ['packages/fusion/src/mid-fusions'], {
    'fusion: the feed-forward network changes rows that see nothing': [
      'branch(1, this.feedForward.forward(this.norm2.forward(x), context))',
      'this.feedForward.forward(this.norm2.forward(x), context)',
    ],
  }),
  ...mutantsOf('packages/fusion/src/taken-tokens.ts', ['packages/architectures/src/llava'], {
    'fusion: features of pictures are those of a layer earlier': [
      'layer < 0 ? 1 + depth + layer : layer',
      'layer < 0 ? depth + layer : layer',
    ],
    'fusion: the first token is left out of the first picture alone': [
      'from === 0 ? sequence : withoutFirst(sequence, values, from)',
      'from === 0 ? sequence : withoutFirst(sequence, 1, from)',
    ],
  }),
  ...mutantsOf('packages/fusion/src/greatest-tokens.ts', ['packages/fusion/src/taken-tokens'], {
    'fusion: the greatest of a value is one of what takes no part': [
      'tf.where<tf.Tensor>(takesPart, tokens, tf.scalar(lowest))',
      'tokens',
    ],
    'fusion: a value that is not there is the lowest that there is': ['tf.mul(own, tf.max(mask, 1, true))', 'own'],
  }),
  ...mutantsOf('packages/fusion/src/pixel-shuffle.ts', ['packages/fusion/src/pixel-shuffle'], {
    'fusion: blocks of patches are columns of the grid': [
      'tf.transpose(lines, [0, 2, 1, 3])',
      'tf.transpose(lines, [0, 2, 3, 1])',
    ],
    'fusion: blocks of patches reach into the next line': ['tf.transpose(lines, [0, 2, 1, 3])', 'lines'],
    'fusion: a block without its first patch takes no part': ['tf.max(maskLines, [1, 3])', 'tf.min(maskLines, [1, 3])'],
  }),
  ...mutantsOf('packages/architectures/src/llava/index.ts', ['packages/architectures/src/llava'], {
    'fusion: the class token is kept by default': [
      "config.visionFeatureSelectStrategy === 'default' ? 1 : 0",
      "config.visionFeatureSelectStrategy === 'default' ? 0 : 0",
    ],
  }),
  ...mutantsOf('packages/fusion/src/decoder-fusion.ts', ['packages/architectures/src/llava'], {
    'fusion: pictures are spliced into the sequence of another row': [
      'tokens: placeRows(projected, input.rows, size),',
      'tokens: placeRows(projected, Int32Array.from(input.rows).reverse(), size),',
    ],
  }),
  ...mutantsOf('packages/fusion/src/splice.ts', ['packages/fusion/src/splice', 'packages/architectures/src/llava'], {
    'fusion: what is spliced in does not move what follows it': [
      'tf.add<tf.Tensor2D>(tf.cumsum(widths, 1, true), tf.sum(front, 1, true))',
      'tf.add<tf.Tensor2D>(tf.cumsum(host.mask, 1, true), tf.sum(front, 1, true))',
    ],
    'fusion: tokens of pictures do not count among those that were there': [
      '...(host.placeSlot && { placeholders:',
      '...(!host && { placeholders:',
    ],
  }),
  ...mutantsOf('packages/fusion/src/run-encoders.ts', ['packages/fusion/src/between-layers.parity'], {
    'fusion: encoders run their layers in rounded proportion': [
      'Math.floor((depth * step) / steps)',
      'Math.round((depth * step) / steps)',
    ],
  }),
  ...mutantsOf('packages/fusion/src/modality-feed-forward.ts', ['packages/fusion/src/hierarchical-fusion'], {
    'fusion: experts begin with what they would add': ['outputInitializer: zeros }', 'outputInitializer: undefined }'],
    'fusion: gates begin half shut': [
      'tf.mul<tf.Tensor3D>(output, tf.mul(gate, 2))',
      'tf.mul<tf.Tensor3D>(output, gate)',
    ],
  }),
  ...mutantsOf('packages/fusion/src/low-rank-fusion.ts', ['packages/fusion/src/product-fusions'], {
    'fusion: products with what is absent begin as 0': [
      'this.constant = new Parameter([outputSize], ones);',
      'this.constant = new Parameter([outputSize], zeros);',
    ],
  }),
  ...mutantsOf('packages/fusion/src/perceiver-resampler.ts', ['packages/fusion/src/perceiver-resampler'], {
    'fusion: latents attend to padding': [
      'tf.mul(tf.sub(1, mask), EXCLUDED_LOGIT)',
      'tf.mul(tf.zerosLike(mask), EXCLUDED_LOGIT)',
    ],
    'fusion: latents do not see one another': [
      'tf.concat([this.tokenNorm.forward(tokens), queries], 1)',
      'tf.concat([this.tokenNorm.forward(tokens), tf.zerosLike(queries)], 1)',
    ],
  }),
  ...mutantsOf('packages/fusion/src/weighted-fusion.ts', ['packages/fusion/src/weighted-fusion'], {
    'fusion: absent modalities take their share of weights': [
      'tf.mul(tf.sub(1, presence(rows)), EXCLUDED_LOGIT)',
      'tf.mul(tf.zerosLike(presence(rows)), EXCLUDED_LOGIT)',
    ],
  }),
  ...mutantsOf('packages/fusion/src/gated-fusion.ts', ['packages/fusion/src/gated-fusion'], {
    'fusion: the gates of modalities that a row lacks count as used': [
      'tf.mul<tf.Tensor2D>(tf.sigmoid(this.gates[slot].forward(all)), presence(rows))',
      'tf.sigmoid(this.gates[slot].forward(all))',
    ],
  }),
  ...mutantsOf('packages/fusion/src/concat-fusion.ts', ['packages/fusion/src/baseline-fusions'], {
    'fusion: the missing embedding goes to present rows': [
      '1 - (placed.present[modality]?.[row] ?? 0)',
      '(placed.present[modality]?.[row] ?? 0)',
    ],
  }),
];
