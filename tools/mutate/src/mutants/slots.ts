import { mutantsOf } from '../mutant';

const ofFusions = ['packages/fusion/src/slots.test.ts'];
const ofModels = ['packages/architectures/src/other-slots.test.ts'];

/** Faults of models whose modalities change: what was learned is lost or moved, what is new is heard too early. */
export const slotFaults = [
  ...mutantsOf('packages/core/src/slots/carry-over.ts', ofModels, {
    'slots: a fusion begins anew': [
      'parameter.assignValues(await source.viewValues());',
      "if (part !== 'fusion') parameter.assignValues(await source.viewValues());",
    ],
    'slots: an encoder that is swapped keeps what has the same shape': [
      "kind === 'swapped' && path.startsWith(",
      "kind === 'added' && path.startsWith(",
    ],
    'slots: what is new is not told': [
      'newParameters.push(path);',
      "if (part === 'encoders') newParameters.push(path);",
    ],
  }),
  ...mutantsOf('packages/core/src/slots/carry-over.ts', ['packages/adapters/src'], {
    'slots: what was frozen learns again': [
      'parameter.trainable = source!.trainable;',
      'parameter.trainable = !(parameter instanceof ModuleBuffer);',
    ],
    'slots: what is new in a frozen part is frozen': ["else if (part !== 'encoders')", "else if (part === 'encoders')"],
  }),
  ...mutantsOf('packages/core/src/slots/recompose.ts', ofModels, {
    'slots: what processors learned is lost': ['if (slot !== coming) keep(', 'if (slot === coming) keep('],
    'slots: a model is changed while it is trained': [
      'const letGo = holdModel(former, caller);',
      'const letGo = () => {};',
    ],
  }),
  ...mutantsOf('packages/core/src/slots/swap-encoder.ts', ofModels, {
    'slots: one that takes several values takes one with another encoder': [
      '{ several = model.config.encoders[slot].several } = options',
      '{ several } = options',
    ],
  }),
  ...mutantsOf('packages/core/src/slots/take-encoder.ts', ofModels, {
    'slots: the order of several values is looked for in an encoder of one': [
      'encoderOfOne(given) === given ? encoderOfOne(own) : own',
      'own',
    ],
  }),
  ...mutantsOf('packages/fusion/src/added-modalities.ts', ofFusions, {
    'slots: the gate of an added modality is open at first': [
      'this.gate = new Parameter([], zeros);',
      'this.gate = new Parameter([], () => Float32Array.of(1));',
    ],
  }),
  ...mutantsOf('packages/fusion/src/joint-transformer.ts', ofFusions, {
    'slots: something stands for an added modality where it is absent': [
      "missing: slot in open ? missing : 'mask'",
      'missing',
    ],
  }),
  ...mutantsOf('packages/fusion/src/modality-vectors.ts', ['packages/fusion/src/conformance.test.ts'], {
    'slots: a row with added modalities alone has no token': ['if (!lacks.includes(1)) return fused;', 'return fused;'],
  }),
  ...mutantsOf('packages/fusion/src/slot-columns.ts', ofFusions, {
    'slots: columns go to the slot in the same place': [
      'const source = from.places.get(slot);',
      'const source = from.places.has(slot) ? place : undefined;',
    ],
  }),
  ...mutantsOf('packages/fusion/src/interaction-slots.ts', ofFusions, {
    'slots: rows of interactions stay with the first slots': ['kept.flatMap((row) => [', 'kept.flatMap((_, row) => ['],
  }),
  ...mutantsOf('packages/fusion/src/tensor-fusion.ts', ofFusions, {
    'slots: products of another modality are left': [
      'Math.floor(column / base ** behind)',
      'Math.floor(column / base)',
    ],
  }),
  ...mutantsOf('packages/fusion/src/low-rank-fusion.ts', ofFusions, {
    'slots: what an absent factor multiplied by is lost': [
      'value * factors[Math.floor(index / width)]',
      'value * (factors[Math.floor(index / width)] > 9 ? 0 : 1)',
    ],
  }),
  ...mutantsOf('packages/fusion/src/run-encoders.ts', ofFusions, {
    'slots: a deeper encoder moves what happens between layers': ['if (was === is) return;', 'if (was <= is) return;'],
    'slots: an added modality counts steps': [
      'runEncoders(beside(added, encoders), beside(added, inputs), context, between)',
      'runEncoders(encoders, beside(added, inputs), context, between)',
    ],
  }),
];
