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
];
