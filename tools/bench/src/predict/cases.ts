import { composeModel, createRegistry, type Model, RandomKey, type Sample } from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { vision } from '@polymodal/encoder-vision';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import type { CallCounts } from '../calls/measure-cold';

/** Samples that a model is asked about in one call. */
export interface PredictCase extends CallCounts {
  readonly samples: number;
  /** Letters of the notes: all alike, or from 4 to 120. */
  readonly lengths: 'fixed' | 'mixed';
  /** Whether a third of the samples lacks the photo, and a third the note. */
  readonly missing: boolean;
}

export const predictCases: Readonly<Record<string, PredictCase>> = {
  'predict-1': { samples: 1, lengths: 'fixed', missing: false, warmUpCalls: 200, callsPerTurn: 200 },
  'predict-256': { samples: 256, lengths: 'fixed', missing: false, warmUpCalls: 5, callsPerTurn: 5 },
  'predict-256-mixed': { samples: 256, lengths: 'mixed', missing: false, warmUpCalls: 5, callsPerTurn: 5 },
  'predict-256-missing': { samples: 256, lengths: 'mixed', missing: true, warmUpCalls: 5, callsPerTurn: 5 },
};

/** The combinations of modalities that occur, each the name of an exported graph. */
export const combinations: readonly (readonly string[])[] = [['photo', 'note'], ['photo'], ['note']];

/** A small model of pictures and notes, the same at every call. */
export function smallModel(): Model {
  const layers = { numHiddenLayers: 2, hiddenSize: 64, numAttentionHeads: 4, intermediateSize: 256 };
  return composeModel(createRegistry([vision, text, fusion, heads]), {
    hiddenSize: 64,
    encoders: {
      photo: { use: 'vit', imageSize: 32, patchSize: 8, ...layers },
      note: { use: 'transformer', maxLength: 128, ...layers },
    },
    fusion: { use: 'concat' },
    heads: { kind: { use: 'classification', labels: ['a', 'b', 'c', 'd'] } },
  });
}

/** The samples of a case: noise, and letters. */
export function samplesOf({ samples, lengths, missing }: PredictCase): Sample[] {
  return Array.from({ length: samples }, (_, index) => {
    const key = RandomKey.from(index);
    const data = Uint8Array.from(key.uniform(32 * 32 * 3), (value) => value * 256);
    const letters = lengths === 'fixed' ? 60 : key.fold('length').integer(4, 120);
    const note = String.fromCharCode(...Array.from(key.uniform(letters), (value) => 97 + Math.floor(value * 26)));
    const lacks = missing ? index % 3 : 2;
    return {
      ...(lacks !== 0 && { photo: { data, width: 32, height: 32, channels: 3 } }),
      ...(lacks !== 1 && { note }),
    };
  });
}
