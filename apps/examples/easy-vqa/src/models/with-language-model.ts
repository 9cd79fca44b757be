import { adapters } from '@polymodal/adapters';
import { createRegistry, type Prediction } from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { pretrainedText } from '@polymodal/encoder-text/pretrained';
import { vision } from '@polymodal/encoder-vision';
import { fusion } from '@polymodal/fusion';
import { headText } from '@polymodal/head-text';
import { composePretrained } from '@polymodal/hub';
import type { ParameterGroup } from '@polymodal/trainer';
import type { PictureQuestion } from '../data/picture-question';
import { type LanguageModelSizes, languageModelSizes } from './language-model-sizes';
import { pictureTower } from './picture-tower';
import type { Shown, VqaModel } from './vqa-model';

const registry = createRegistry([vision, text, pretrainedText, fusion, headText, adapters]);

/** Prompts are short, and padding would be most of the work. */
export const readingOptions = { maxLength: 32, bucketSize: 2 } as const;

/** Until they open, nothing behind them learns, and a step moves a number by its rate at most: they begin at 0 and matter near 1. */
const gates = ['attentionGate', 'feedForwardGate'].map(
  (gate): ParameterGroup => ({ match: `fusion.layers.*.${gate}`, learningRate: 2e-2 }),
);

/** The tower sees already. */
const sees: ParameterGroup = { match: 'encoders.image', learningRate: 2e-4 };

/** What the frozen layers add to a token is far longer than what the projector makes at first: it has a long way to go. */
const projects: ParameterGroup = { match: 'fusion.projectors', learningRate: 2e-3 };

/**
 * How a language model gets to see: pictures as tokens among its own (LLaVA), these with low-rank changes of its maps beside (LoRA), or looked
 * at between its layers (Flamingo).
 */
export type Looking = (typeof waysOfLooking)[number];

/** All of them, in the order of tables. */
export const waysOfLooking = ['hybrid', 'hybrid-lora', 'flamingo'] as const;

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
      answer: { use: 'language-model', tied: true, ...writingOptions(looking), generation: { maxNewTokens: 4 } },
    },
    ...(looking === 'hybrid-lora' && { adapters: [lowRank(sizes)] }),
  });
  const parameterGroups = looking === 'flamingo' ? [...gates, sees] : [projects, sees];
  const ask = looking === 'flamingo' ? askBeside : askBefore;
  const frozen = looking === 'hybrid-lora' ? [] : ['encoders.text']; // adapters freeze what they are put on
  return { model, frozen, parameterGroups, ask, target: (answer) => ` ${answer}`, answerIn };
}

/**
 * What is learned beside the maps of all but the first layers: with those alone in which a question has been understood, naming comes later. Out
 * of use, the language model is what it was.
 */
function lowRank({ numHiddenLayers }: LanguageModelSizes) {
  const layers = Array.from({ length: numHiddenLayers }, (_, index) => index).slice(Math.floor(0.4 * numHiddenLayers));
  const targets = layers.flatMap((index) => adaptedMaps.map((map) => `encoders.text.layers.${index}.${map}`));
  return { use: 'lora', targets, rank: 16, alpha: 32 } as const;
}

/** Of a layer: how it attends, and what it writes. */
const adaptedMaps = ['attention.query', 'attention.value', 'attention.output', 'feedForward.down'];

/** The layer from which on a question has been understood. */
function firstUpper({ numHiddenLayers }: LanguageModelSizes): number {
  return Math.floor(0.6 * numHiddenLayers);
}

/**
 * The hybrid reads a picture as one token, the mean and the greatest of the tower's: with all 64, a step would cost five times as much, and
 * with them side by side in one, what a shape is would have to be learned for each place anew. The other looks at all of them in two gated layers, high up: what is asked for has been understood
 * there, and of the frozen layers below no gradient is needed.
 */
function fusionOf(looking: Looking, sizes: LanguageModelSizes) {
  if (looking !== 'flamingo') return { use: 'decoder', tokens: { image: { pool: 'mean-max' } } } as const;
  const { hiddenSize, numAttentionHeads, numHiddenLayers } = sizes;
  const from = firstUpper(sizes);
  const every = Math.ceil((numHiddenLayers - from) / 2);
  return { use: 'flamingo', from, every, numAttentionHeads, intermediateSize: 2 * hiddenSize } as const;
}

/**
 * Answers are of one token and the end, but for teal, which is of two: padded to no more than it needs, it has batches of its own, with which
 * a hybrid comes to take all for teal. Flamingo, whose rest of the answer runs through all layers too, does without that padding.
 */
function writingOptions(looking: Looking) {
  return { maxLength: 8, bucketSize: looking === 'flamingo' ? 1 : 3 };
}

/** The picture by itself, for layers that look at it. */
function askBeside({ image, question }: PictureQuestion, shown: Shown) {
  return { ...(shown !== 'question' && { image }), text: shown === 'picture' ? '?' : question };
}

/**
 * The picture behind the question, so that it is the last before the answer: what the projector makes of it reaches the guess of the next
 * token by itself, beside what the layers make of it. The first token of a sequence would be the worst place: in it the layers of a Llama
 * put what is a hundred times as long as anything else.
 */
function askBefore({ image, question }: PictureQuestion, shown: Shown) {
  const text = shown === 'picture' ? '?' : question;
  return { text: shown === 'question' ? text : [{ text }, { image }] };
}

function answerIn({ answer }: Prediction): string {
  return (answer as { readonly text: string }).text.trim();
}
