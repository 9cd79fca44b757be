import { mutantsOf } from '../mutant';

const documents = ['packages/core/src/document'];
const texts = ['packages/encoder-text/src/text-documents'];

/** Faults of documents: placeholders and values that do not belong together, or are lost without a word. */
export const documentFaults = [
  ...mutantsOf('packages/core/src/document/bind-places.ts', documents, {
    'documents: values are counted with those that were cut off': [
      'value: values[value.slot].push(value) - 1 };',
      'value: (values[value.slot].push(value), document.values.filter((own) => own.slot === value.slot).indexOf(value)) };',
    ],
    'documents: values are counted over all slots': [
      'value: values[value.slot].push(value) - 1 };',
      'value: (values[value.slot].push(value), place) };',
    ],
    'documents: slots are counted as the document names them': [
      'slot: slots.indexOf(value.slot)',
      'slot: Object.keys(values).indexOf(value.slot)',
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
