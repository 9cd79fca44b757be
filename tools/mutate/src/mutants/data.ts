import { mutantsOf } from '../mutant';

/** Faults on the way from samples to batches and from fused rows to heads. */
export const dataFaults = [
  ...mutantsOf('packages/core/src/features.ts', ['packages/core/src/features'], {
    'batch: the mask is one too long': ['row * length + rowLength)', 'row * length + rowLength + 1)'],
  }),
  ...mutantsOf('packages/core/src/select-rows.ts', ['packages/core/src/select-rows', 'packages/core/src/head-tree'], {
    'rows: those of the encodings are not renumbered': [
      'rows: targets,\n',
      'rows: Int32Array.from(sources.map((source) => tokens.rows[source])),\n',
    ],
    'rows: those of targets are not renumbered': ['    rows: kept.targets,\n', '    rows: target.rows,\n'],
    'rows: encodings are taken by the row of the batch': [
      'const source = own.indexOf(row);',
      'const source = row < own.length ? row : -1;',
    ],
  }),
  ...mutantsOf('packages/nn/src/place-rows.ts', ['packages/nn/src/place-rows'], {
    'rows: placed by index, not by their place in the batch': [
      'source[row] = 1 + index;',
      'source[index] = 1 + index;',
    ],
    'rows: gradients come from the first rows': [
      "tf.gather(dy, tf.tensor1d(rows, 'int32'))",
      'tf.slice(dy, 0, rows.length)',
    ],
  }),
  ...mutantsOf('packages/encoder-audio/src/read-recording.ts', ['packages/encoder-audio/src/read-recording'], {
    'sound: NaN is let in': [
      'const index = channel.findIndex((value) => !Number.isFinite(value));',
      'const index = -1;',
    ],
  }),
  ...mutantsOf('packages/core/src/augmentation/augmented-value.ts', ['packages/core/src/augmentation'], {
    'augmentation: the second draws what the first does': [".fold('augment').fold(place)", ".fold('augment')"],
  }),
  ...mutantsOf('packages/core/src/augmentation/mixed-batch.ts', ['packages/core/src/augmentation'], {
    'mixing: a title beside the picture is passed over': ['slots.length === 1 ?', 'slots.length > 0 ?'],
    'mixing: targets stay with their rows': ['placeOf.get(partner)', 'placeOf.get(row)'],
  }),
  ...mutantsOf('packages/core/src/model-losses.ts', ['packages/trainer/src/train-augment'], {
    'mixing: shares change places': ['tf.sub(own, ofPartners)));', 'tf.sub(ofPartners, own)));'],
  }),
  ...mutantsOf('packages/encoder-audio/src/augmentation/noise.ts', ['packages/encoder-audio/src/augment'], {
    'noise: decibels are those of amplitudes': ["key.fold('snr')) / 10)", "key.fold('snr')) / 20)"],
  }),
  ...mutantsOf('packages/encoder-vision/src/augmentation/cut-mix.ts', ['packages/encoder-vision/src/augment'], {
    'cut-mix: the share is the one that was drawn': [
      'share: 1 - ((bottom - top) * (right - left)) / (height * width)',
      'share: 1 - 4 * half * half',
    ],
  }),
];
