import { composeModel, createRegistry } from '@polymodal/core';
import { audio } from '@polymodal/encoder-audio';
import { text } from '@polymodal/encoder-text';
import { vision } from '@polymodal/encoder-vision';
import { layout } from '@polymodal/example-scenes/layout/layout-head';
import { fusion } from '@polymodal/fusion';
import { headText } from '@polymodal/head-text';
import { heads } from '@polymodal/heads';
import { edition } from './data/two-views';
import { endTokenId } from './language/tokenizer';
import { places } from './language/wording';

/** The parts that the models use. */
const registry = createRegistry([vision, text, audio, fusion, heads, headText, layout]);

const hiddenSize = 64;
const layers = { numAttentionHeads: 4, hiddenDropout: 0 } as const;
/** Pixels to a token along each side: three convolutions halve them. */
const cellSize = 8;

const image = {
  use: 'convolutional',
  imageSize: edition.size,
  stemChannels: [32, 64] as number[],
  numHiddenLayers: 2,
  pooling: 'mean-max',
} as const;
/** Pixels a side of those of easy-VQA. */
const easyVqaSize = 64;

const speech = {
  use: 'mel-transformer',
  sampleRate: 8000,
  numMelBins: 40,
  windowLength: 256, // 32 ms
  hopLength: 128, // 16 ms
  convStrides: [2, 2, 2] as number[], // to tokens of 128 ms
  maxSeconds: 5,
  bucketSize: 64,
  numHiddenLayers: 3,
  ...layers,
  several: { most: 2, ordered: false }, // which is said first means nothing
} as const;

/**
 * Writes captions and answers: the picture's tokens, those of what is said and those of the prompt go through a joint Transformer, whichever
 * of them there are, and a decoder that looks at what it makes of them writes in the prompt's language.
 *
 * @param tokenizer path of the tokenizer.json of prompts and answers
 */
export function captionsModel(tokenizer: string, seed: number) {
  return composeModel(registry, {
    ...{ hiddenSize, seed, fusion: jointTransformer },
    encoders: { image, audio: speech, text: prompts(tokenizer) },
    heads: { answer: writer },
  });
}

/** The same without speech, for the pictures of easy-VQA, each encoded once for all that is asked about it. */
export function easyVqaModel(tokenizer: string, seed: number) {
  return composeModel(registry, {
    ...{ hiddenSize, seed, fusion: jointTransformer },
    encoders: { image: { ...image, imageSize: easyVqaSize, shared: true }, text: prompts(tokenizer) },
    heads: { answer: writer },
  });
}

const jointTransformer = { use: 'masked-transformer', numHiddenLayers: 2, ...layers } as const;

function prompts(tokenizer: string) {
  return {
    use: 'transformer',
    tokenizer: { file: tokenizer },
    ...{ maxLength: 32, bucketSize: 8, numHiddenLayers: 1, ...layers },
  } as const;
}

const writer = {
  use: 'text-decoder',
  of: 'text',
  endTokenId,
  numHiddenLayers: 2,
  ...{ maxLength: 16, bucketSize: 16, generation: { maxNewTokens: 16 } },
  figures: ['cider'] as 'cider'[],
  ...layers,
} as const;

/** The same encoders with heads for what is to be seen in a picture and heard in a sentence, each by itself. */
export function perceptionModel(seed: number) {
  const { colours, shapes, size } = edition;
  return composeModel(registry, {
    hiddenSize,
    seed,
    encoders: { image, audio: speech },
    fusion: { use: 'mean', numHiddenLayers: 1, hiddenDropout: 0 },
    heads: {
      layout: { use: 'layout', slot: 'image', colours, shapes, cells: Math.ceil(size / cellSize), cellSize },
      colour: { use: 'classification', labels: colours },
      shape: { use: 'classification', labels: shapes },
      place: { use: 'classification', labels: places },
    },
  });
}
