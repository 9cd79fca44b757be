import { createRegistry, type Prediction } from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { pretrainedText } from '@polymodal/encoder-text/pretrained';
import { vision } from '@polymodal/encoder-vision';
import { fusion } from '@polymodal/fusion';
import { headText } from '@polymodal/head-text';
import { composePretrained } from '@polymodal/hub';
import type { PictureQuestion } from '../data/picture-question';
import { type LanguageModelSizes, languageModelSizes } from './language-model-sizes';
import { pictureTower } from './picture-tower';
import type { Shown, VqaModel } from './vqa-model';

const registry = createRegistry([vision, text, pretrainedText, fusion, headText]);

/** Prompts are short, and padding would be most of the work. */
export const readingOptions = { maxLength: 32, bucketSize: 2 } as const;

/** How a language model gets to see: pictures as tokens before its own (LLaVA), or looked at between its layers (Flamingo). */
export type Looking = (typeof waysOfLooking)[number];

/** All of them, in the order of tables. */
export const waysOfLooking = ['hybrid', 'flamingo'] as const;

/**
 * A model in which a pretrained language model, frozen, writes the answers. What brings pictures to it learns: the tower, and the projector
 * or the gated layers.
 *
 * @param from its folder
 * @throws ConfigError for one whose head has weights of its own
 */
export async function withLanguageModel(looking: Looking, from: string, seed: number): Promise<VqaModel> {
  const sizes = await languageModelSizes(from);
  const model = await composePretrained(registry, {
    hiddenSize: pictureTower.hiddenSize,
    seed,
    encoders: { image: pictureTower, text: { use: 'pretrained-text', from, ...readingOptions } },
    fusion: fusionOf(looking, sizes),
    heads: {
      answer: { use: 'language-model', tied: true, bucketSize: 1, maxLength: 8, generation: { maxNewTokens: 4 } },
    },
  });
  return { model, frozen: ['encoders.text'], ask, target: (answer) => ` ${answer}`, answerIn };
}

/**
 * The hybrid reads a picture as four tokens, of which each is four by four of the tower's: with all 64 before the question, a step would
 * cost five times as much. The other looks at all of them, in a gated layer before every tenth of the language model's.
 */
function fusionOf(looking: Looking, { hiddenSize, numAttentionHeads }: LanguageModelSizes) {
  if (looking === 'hybrid') return { use: 'decoder', tokens: { image: { pixelShuffle: 4 } } } as const;
  return { use: 'flamingo', every: 10, numAttentionHeads, intermediateSize: 2 * hiddenSize } as const;
}

function ask({ image, question }: PictureQuestion, shown: Shown) {
  return { ...(shown !== 'question' && { image }), text: `${shown === 'picture' ? '' : question} Answer:` };
}

function answerIn({ answer }: Prediction): string {
  return (answer as { readonly text: string }).text.trim();
}
