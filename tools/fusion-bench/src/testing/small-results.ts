import { budgets } from '../budget';
import type { MethodResults, Results } from '../results';

const robustness = {
  curve: [
    [0, 0.7],
    [1, 0.1],
  ],
  relative: { mean: 0.4, sd: 0 },
  effective: { mean: -0.05, sd: 0 },
} as const;

const concat: MethodResults = {
  rate: 0.005,
  accuracy: { mean: 0.7, sd: 0.02 },
  subsets: { a: { mean: 0.5, sd: 0 }, b: { mean: 0.6, sd: 0 }, 'a+b': { mean: 0.7, sd: 0.02 } },
  kinds: {},
  missing: { mean: 0.55, sd: 0 },
  noise: { a: robustness, b: robustness, all: robustness },
  perceptual: { a: { mean: 0.3, sd: 0 }, b: { mean: 0.5, sd: 0 } },
  contradiction: {},
  irrelevant: -0.01,
  training: { seconds: 10, cpuSeconds: 9, peakRssBytes: 2 ** 28 },
  cost: {
    parameters: { fusion: 1000, model: 9000 },
    multiplyAdds: 1e6,
    msAlone: 1,
    msInBatch: 0.1,
    predictingBytes: 2 ** 24,
  },
};

/** Results of two methods on one task, one of which cannot go without a modality. */
export const smallResults: Results = {
  bench: 'fusion',
  budget: 'quick',
  settings: budgets.quick,
  machine: {
    cpu: 'a <processor>',
    cores: 2,
    memoryBytes: 2 ** 33,
    platform: 'linux x64',
    node: 'v20',
    loadAverage: 0.5,
  },
  seconds: 100,
  coreShare: 0.9,
  tables: { small: '0123456789abcdef' },
  tasks: {
    small: {
      concat,
      flamingo: {
        ...concat,
        accuracy: { mean: 0.8, sd: 0 },
        subsets: { ...concat.subsets, b: null },
        missing: null,
        cost: { ...concat.cost, multiplyAdds: 4e6 },
      },
    },
  },
  controls: {
    best: { xor: { a: 0.5, b: 0.5, 'a+b': 1 } },
    methods: { concat: { xor: { a: { mean: 0.5, sd: 0 }, b: { mean: 0.5, sd: 0 }, 'a+b': { mean: 0.96, sd: 0 } } } },
  },
};
