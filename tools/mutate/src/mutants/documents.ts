import { mutantsOf } from '../mutant';

const documents = ['packages/core/src/document'];
const texts = ['packages/encoder-text/src/text-documents'];

/** Faults of documents: placeholders and values that do not belong together, or are lost without a word. */
export const documentFaults = [
  ...mutantsOf('packages/core/src/document/bind-places.ts', documents, {
    'documents: values are counted with those that were cut off': [
      'if (!standing.has(place)) return first;',
      'if (!standing.has(place)) counts[slot] = first + 1;\n      if (!standing.has(place)) return first;',
    ],
    'documents: values are counted over all slots': [
      'const first = counts[slot] ?? 0;',
      'const first = Object.values(counts).reduce((sum, own) => sum + own, 0);',
    ],
    'documents: slots are counted as the document names them': [
      'slots.indexOf(document.values[place].slot)',
      'Object.keys(values).indexOf(document.values[place].slot)',
    ],
    'documents: the first tile of a picture stands for all': ['next[place]++', 'next[place]'],
    'documents: a picture in tiles is counted as one value': [
      'first + (value.divided?.values.length ?? 1)',
      'first + 1',
    ],
  }),
  ...mutantsOf('packages/core/src/document/place-features.ts', documents, {
    'documents: padding is a place of the first slot': ['      -1,\n', '      0,\n'],
  }),
  ...mutantsOf('packages/core/src/document/read-document.ts', documents, {
    'documents: the place of a value that is absent stays': [
      'given.filter(({ value }) => value !== undefined && value !== null)',
      'given',
    ],
  }),
  ...mutantsOf('packages/encoder-text/src/text-processor.ts', texts, {
    'documents: a picture is cut off without a word': [
      "if (lost && this.config.longDocuments !== 'cut')",
      'if (lost && false)',
    ],
  }),
  ...mutantsOf('packages/encoder-text/src/written-document.ts', ['packages/encoder-text/src/written-document'], {
    'documents: a picture is parted from what is written around it': [
      'if (!new WrittenDocument(through, tokenizer, options).encode(maxLength).truncated)',
      'if (through)',
    ],
    'documents: a cut takes the end where the tokenizer cuts the beginning': [
      "tokenizer.truncationSide === 'left'",
      "tokenizer.truncationSide === 'neither'",
    ],
  }),
  ...mutantsOf('packages/encoder-text/src/document-options.ts', texts, {
    'documents: a placeholder that is written in a text passes for a place': [
      '(places?.[index] ?? -1) < 0',
      '(places?.[index] ?? -1) < -1',
    ],
  }),
  ...mutantsOf('packages/encoder-text/src/tokenization/document-text.ts', texts, {
    'documents: what is left of one whose beginning was cut is counted from 0': [
      'places[index] = place++;',
      '{ places[index] = places.filter((own) => own >= 0).length; place++; }',
    ],
  }),
  ...mutantsOf(
    'packages/testing/src/doubles/splice-fusion.ts',
    ['packages/testing/src/describe-fusion', 'packages/testing/src/kit-tests/splice'],
    {
      'documents: a fusion reads places in padding': [
        "tf.where(tf.cast(mask, 'bool'), features[name] ?? nowhere, nowhere)",
        'features[name] ?? nowhere',
      ],
      'documents: a placeholder stays where its value was dropped': [
        "tf.mul(embedded.mask, tf.cast(tf.less(places.slot, 0), 'float32'))",
        'embedded.mask',
      ],
    },
  ),
];
