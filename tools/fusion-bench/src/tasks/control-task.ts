import { RandomKey, type Sample } from '@polymodal/core';
import { type Control, drawOutcome, symbols } from '../controls/control';
import type { Task } from './task';

const sizes = { validation: 256, test: 512 };
const layers = { numHiddenLayers: 2, numAttentionHeads: 4, hiddenDropout: 0 };

/** A control as a task: each modality is one row in which its symbol is 1. */
export function controlTask(control: Control, train: number): Task {
  const { name, modalities } = control;
  return {
    name,
    encoders: Object.fromEntries(modalities.map((slot) => [slot, { use: 'rows', columns: symbols, ...layers }])),
    condition: modalities[0],
    labels: Array.from({ length: symbols }, (_, index) => String(index)),
    train: draw(control, 'train', train),
    validation: draw(control, 'validation', sizes.validation),
    test: draw(control, 'test', sizes.test),
  };
}

function draw(control: Control, split: string, samples: number): Sample[] {
  const key = RandomKey.from(0).fold(control.name).fold(split);
  return Array.from({ length: samples }, (_, index) => {
    const { says, answer } = drawOutcome(control, key.fold(index));
    const values = Object.entries(says).map(([slot, symbol]) => [slot, [oneHot(symbol)]]);
    return { ...Object.fromEntries(values), targets: { answer: String(answer) } };
  });
}

function oneHot(symbol: number): number[] {
  return Array.from({ length: symbols }, (_, index) => (index === symbol ? 1 : 0));
}
