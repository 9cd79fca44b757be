import { composeModel } from '@polymodal/core';
import { startFrom } from '@polymodal/trainer';
import { answersOf } from '../answers';
import type { Modality } from '../digits-model';
import { encoders, hiddenSize, layers } from '../encoders';
import { registry } from '../registry';
import { toSample } from '../samples';
import type { Architecture } from './architecture';

/** As many layers as an encoder and the fusion of the others have, and positions for what is spliced in. */
const decoderLayers = {
  use: 'transformer',
  causal: true,
  maxLength: 80,
  bucketSize: 24,
  numHiddenLayers: 3,
  ...layers,
} as const;

/** Vision and sound towers, projectors, and a causal decoder with their tokens in its sequence (LLaVA). */
export const hybrid: Architecture = decoding({ use: 'decoder' });

/** A causal decoder that attends to pictures and sounds between its layers, through gates, by a few latents of each (Flamingo). */
export const singleTower: Architecture = decoding({
  use: 'flamingo',
  every: 1,
  numAttentionHeads: 4,
  resampler: { numLatents: 8, numHiddenLayers: 1, numAttentionHeads: 4 },
});

/**
 * A decoder always has a text to go on behind: the word and what is asked, or that alone. No modality comes into it unnoticed, so a wider
 * one is composed anew and starts from its weights.
 */
function decoding(fusion: Parameters<typeof compose>[2]): Architecture {
  return {
    model: (slots, seed) => compose(slots, seed, fusion),
    toSample: (digit, kept) => ({
      ...toSample(digit, kept),
      text: `${kept.includes('text') ? digit.text : ''}=`,
    }),
    answersOf,
    modalityDropout: { image: 0.3, audio: 0.3 },
    withoutWord: 0.3,
    async widen(model, slot, directory) {
      const wider = compose([...model.modalities, slot] as Modality[], 0, fusion);
      const { new: newParameters } = await startFrom(wider, directory, { mayBeNew: [`encoders.${slot}`, 'fusion'] });
      return { model: wider, newParameters };
    },
  };
}

function compose(
  slots: readonly Modality[],
  seed: number,
  fusion:
    | { readonly use: 'decoder' }
    | {
        readonly use: 'flamingo';
        readonly every: number;
        readonly numAttentionHeads: number;
        readonly resampler: object;
      },
) {
  const others = slots.filter((slot) => slot !== 'text').map((slot) => [slot, encoders[slot]]);
  return composeModel(registry, {
    hiddenSize,
    seed,
    encoders: { text: decoderLayers, ...Object.fromEntries(others) },
    fusion,
    heads: { digit: { use: 'classification', labels: 10 } },
  });
}
