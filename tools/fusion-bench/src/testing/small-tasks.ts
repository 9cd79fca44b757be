import { RandomKey, type Sample } from '@polymodal/core';
import type { Task } from '../tasks/task';

const layers = { numHiddenLayers: 2, numAttentionHeads: 4, hiddenDropout: 0 };
const labels = ['0', '1', '2', '3'];

/** A task of two modalities, each a row of four numbers that says the class. */
export function smallTask(count: number, parts: Partial<Task> = {}): Task {
  const samples = Array.from({ length: count }, (_, index): Sample => {
    const row = labels.map((_, column) => (column === index % 4 ? 1 : 0));
    return { a: [row], b: [row], targets: { answer: labels[index % 4] } };
  });
  return {
    name: 'small',
    encoders: { a: { use: 'rows', columns: 4, ...layers }, b: { use: 'rows', columns: 4, ...layers } },
    condition: 'a',
    labels,
    train: samples,
    validation: samples,
    test: samples,
    ...parts,
  };
}

/** A task of a text and rows, which causal fusions take too. */
export function smallTextTask(): Task {
  const row = [...RandomKey.from(0).normal(4)];
  const samples: Sample[] = [{ note: 'two', a: [row], targets: { answer: '2' } }];
  return {
    ...smallTask(0),
    encoders: {
      note: { use: 'transformer', maxLength: 8, bucketSize: 8, ...layers },
      a: { use: 'rows', columns: 4, ...layers },
    },
    condition: 'note',
    causalHost: 'note',
    train: samples,
    validation: samples,
    test: samples,
  };
}
