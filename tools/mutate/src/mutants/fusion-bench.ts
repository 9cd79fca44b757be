import { mutantsOf } from '../mutant';

const source = 'tools/fusion-bench/src';

/** Faults of what fusions are compared by. */
export const fusionBenchFaults = [
  ...mutantsOf(`${source}/metrics/robustness.ts`, [`${source}/metrics`], {
    'robustness: late fusion is not moved to the same beginning': [
      'lateFusion[index][1] + lead',
      'lateFusion[index][1]',
    ],
    'robustness: a step of noise counts as the whole': ['(sigma - before) * (value', '(value'],
  }),
  ...mutantsOf(`${source}/controls/control.ts`, [`${source}/controls`], {
    'controls: the best answer is that to what all modalities say': [
      'subset.map((modality) => says[modality]).join()',
      'Object.values(says).join()',
    ],
  }),
  ...mutantsOf(`${source}/noise/add-noise.ts`, [`${source}/noise`], {
    'noise: a recording becomes louder': ['Math.sqrt(1 - sigma * sigma)', '1'],
    'noise: a text has errors without noise': ['errorRate: [sigma, sigma]', 'errorRate: [0.1 + sigma, 0.1 + sigma]'],
  }),
  ...mutantsOf(`${source}/measure-model.ts`, [`${source}/measure-model`], {
    'permuted: a modality stays where it was': ['{ row: order[row], sigma: 0 }', '{ row, sigma: 0 }'],
    'noise: all modalities get it instead of one': ['noisy.includes(slot) ? sigma : 0', 'sigma'],
  }),
];
