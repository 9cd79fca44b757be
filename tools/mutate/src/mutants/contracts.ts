import { mutantsOf } from '../mutant';

/** Faults in judging what parts give and what users hand in. */
export const contractFaults = [
  ...mutantsOf('packages/core/src/part/run-head.ts', ['packages/core/src/part'], {
    'parts: answers may be fewer than the rows': ['answers.length === present.size', 'answers.length <= present.size'],
    'parts: a piece may be of a row behind the last': ['piece!.row < rows', 'piece!.row <= rows'],
  }),
  ...mutantsOf('packages/core/src/part/fuse.ts', ['packages/core/src/part'], {
    'parts: the fusion is blamed for what its encoders do': [
      'if (PartError.isInstance(error)) checkEncoders(encoders, batch, context);',
      '',
    ],
  }),
  ...mutantsOf('packages/core/src/predict/signature-tensors.ts', ['packages/core/src/predict/model-signature'], {
    'signature: inputs of one length may differ in it': [
      'if (size === shape[index]) return;',
      'if (size >= 0) return;',
    ],
  }),
  ...mutantsOf('packages/core/src/predict/first-pass.ts', ['packages/core/src/predict/model-programs'], {
    'predict: nothing is compiled beside a head that produces in steps': [
      'programs\n      ? programs.run',
      'false\n      ? programs!.run',
    ],
  }),
  ...mutantsOf('packages/core/src/check-config.ts', ['packages/core/src/compose-model'], {
    'config: the first fault hides the others': ['throw together(faults);', 'throw together(faults.slice(0, 1));'],
  }),
  ...mutantsOf('packages/core/src/shared/shared-encoder.ts', ['packages/testing/src/describe-encoder'], {
    'sharing: what was done to the tokens of rows is lost': ['tokens === state.spread.tokens && ', ''],
  }),
  ...mutantsOf('packages/core/src/parse-config.ts', ['packages/core/src/parse-config'], {
    'config: a name that schemas pass over is passed over': ["Object.hasOwn(value, '__proto__')", 'false'],
  }),
];
