import { describe, expect, it } from 'vitest';
import { interactionMatrix } from './interaction-matrix';

const modalities = ['image', 'text'];

describe('interactionMatrix', () => {
  it('has a row for each querying modality, and 1 for what is left out', () => {
    expect(interactionMatrix({ image: { text: 0.5 } }, modalities)).toEqual([
      [1, 0.5],
      [1, 1],
    ]);
    expect(interactionMatrix({ text: { image: 0, text: 0.25 } }, modalities)).toEqual([
      [1, 1],
      [0, 0.25],
    ]);
  });

  it.each([-0.1, 1.5, Number.NaN])('refuses the weight %s', (weight) => {
    expect(() => interactionMatrix({ image: { text: weight } }, modalities)).toThrow(
      `modality weights, image.text: expected a weight in [0, 1], received ${weight}.`,
    );
  });

  it('suggests the nearest modality', () => {
    expect(() => interactionMatrix({ image: { txt: 1 } }, modalities)).toThrow(/received "txt".*"text"/);
  });
});
