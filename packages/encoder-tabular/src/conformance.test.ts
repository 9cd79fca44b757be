import type { RandomKey } from '@polymodal/core';
import { describeEncoder } from '@polymodal/testing';
import { category, date, flag, number } from './cell-encoder';
import { ftTransformer } from './ft-transformer';
import { tabularMlp } from './tabular-mlp';

const columns = {
  power: { type: 'number', scale: 'standard' },
  weight: { type: 'number', scale: 'standard' },
  origin: { type: 'category', minCount: 1 },
  sold: { type: 'date', scale: 'standard' },
  automatic: 'flag',
} as const;

/** A car, some of whose cells are empty. */
function car(key: RandomKey) {
  const cells = {
    power: 100 * key.fold('power').uniform(1)[0]!,
    weight: 1000 + 100 * key.fold('weight').normal(1)[0]!,
    origin: ['Japan', 'USA', 'Europe'][key.fold('origin').integer(0, 3)],
    sold: new Date(Date.UTC(2020, key.fold('month').integer(0, 12), 1 + key.fold('day').integer(0, 28))),
    automatic: key.fold('automatic').integer(0, 2) === 1,
  };
  const kept = Object.entries(cells).filter(([name]) => key.fold(`keeps ${name}`).integer(0, 3) > 0);
  return { ...Object.fromEntries(kept), power: cells.power };
}

const invalid = [
  { power: '12,5' },
  { power: 1, origin: [] },
  { sold: 'May 5th', power: 1 },
  { pwer: 3 },
  { power: null },
];

describeEncoder(ftTransformer, {
  sample: car,
  config: { columns, numHiddenLayers: 2, numAttentionHeads: 2, hiddenDropout: 0.1 },
  invalid,
});
describeEncoder(tabularMlp, {
  sample: car,
  config: { columns, numHiddenLayers: 2, embeddingSize: 4, numFrequencies: 3, frequencyScale: 0.3 },
  invalid,
});

const sizes = { embeddingSize: 4, numFrequencies: 3, frequencyScale: 0.3 };
describeEncoder(number, {
  sample: (key) => key.normal(1)[0],
  config: sizes,
  invalid: ['twelve', Number.POSITIVE_INFINITY],
});
describeEncoder(category, {
  sample: (key) => ['red', 'green'][key.integer(0, 2)],
  config: sizes,
  takes: (raw) => typeof raw === 'boolean',
});
describeEncoder(date, {
  sample: (key) => new Date(Date.UTC(2020, key.integer(0, 12), 3)).toISOString(),
  config: sizes,
  invalid: ['2024-13-01', '2023-02-29', '31.5.2024'],
  takes: (raw) => raw instanceof Date,
});
describeEncoder(flag, { sample: (key) => key.integer(0, 2) === 1, config: sizes, takes: (raw) => raw === true });
