import { composeModel, createRegistry, type Model } from '@polymodal/core';
import { audio } from '@polymodal/encoder-audio';
import { text } from '@polymodal/encoder-text';
import { vision } from '@polymodal/encoder-vision';
import { fusionMethods } from '@polymodal/example-material';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import { evidence as evidencePlugin } from './evidence/evidence-head';
import { layout } from './layout/layout-head';
import { meaning } from './meaning/meaning-head';
import type { Edition } from './scene/edition';
import { answersOf } from './scene/question';

/** The parts that the models use. */
export const registry = createRegistry([vision, text, audio, fusion, heads, layout, evidencePlugin, meaning]);

const hiddenSize = 64;
const layers = { numAttentionHeads: 4, hiddenDropout: 0 };
/**
 * The fusions that are compared, by how tables call them: all get the same encoders, head, data and steps. What works between layers
 * does so from the middle of the picture's encoder on: the layers before are run once for all questions about a picture. What mutual
 * FiLM has beside FiLM is for counts: they turn on the shape of one object, which has to be known wherever the others are.
 */
const fusions = {
  ...fusionMethods,
  'co-attention': { ...fusionMethods['co-attention'], after: [2, 3, 4, 5] },
  film: { ...fusionMethods.film, after: [2, 3, 4, 5] },
  'mutual-film': { ...fusionMethods.film, after: [2, 3, 4, 5], mutual: true },
  // What an encoder's stem tells of a place is little, and the layers that make more of it are not run.
  early: { ...fusionMethods.early, positions: ['image'] },
  flamingo: { use: 'flamingo', host: 'text', ...layers },
} as const;

/** Those whose tokens are no longer a picture's: they end in vectors, or in the question's text. */
const withoutPositions: readonly Method[] = [
  'concat',
  'mean',
  'weighted',
  'gated',
  'tensor',
  'low-rank',
  'perceiver',
  'flamingo',
];

/** Whether the tokens of a method show where in the picture it looks. */
function hasPositions(method: Method): boolean {
  return !withoutPositions.includes(method);
}

/** Those that take one vector of a question and nothing else of it. */
const ofOneVector: readonly Method[] = [
  'concat',
  'mean',
  'weighted',
  'gated',
  'tensor',
  'low-rank',
  'film',
  'mutual-film',
];

/** Whether a method needs no more of a question than the vector that its encoder makes of it. */
export function takesOneVector(method: Method): boolean {
  return ofOneVector.includes(method);
}

/** How a fusion is called in tables. */
export type Method = keyof typeof fusions;

/** All of them, in the order of tables. */
export const methods = Object.keys(fusions) as Method[];

/** What the models of one start have in common. */
export interface ModelSetup {
  readonly edition: Edition;
  /** Path of the tokenizer.json of the questions; the bytes of the text without. */
  readonly tokenizer?: string | undefined;
  /** Whether questions are spoken, not written. */
  readonly spoken?: boolean;
  readonly seed: number;
}

/** A model that answers questions about scenes. */
export function scenesModel(method: Method, setup: ModelSetup): Model {
  const parts = {
    hiddenSize,
    seed: setup.seed,
    encoders: { image: imageEncoder(setup, layerPaths.length), text: questionEncoder(setup, isCausal(method)) },
    fusion: fusions[method],
  };
  const answer = { use: 'classification', labels: answersOf(setup.edition), hiddenSizes: [128] } as const;
  if (!hasPositions(method)) return composeModel(registry, { ...parts, heads: { answer } });
  const evidence = { use: 'evidence', slot: 'image', ...gridOf(setup) } as const;
  return composeModel(registry, { ...parts, heads: { answer, evidence } });
}

/**
 * The same encoders with heads for what is to be seen in a picture and read in a question, each by itself: the layout of a scene; the
 * kind of a question and the objects that it names.
 */
export function perceptionModel(setup: ModelSetup): Model {
  const { colours, shapes } = setup.edition;
  return composeModel(registry, {
    hiddenSize,
    seed: setup.seed,
    encoders: { image: imageEncoder(setup, seeingLayers), text: questionEncoder(setup, false) },
    fusion: meanOfEach,
    heads: {
      layout: { use: 'layout', slot: 'image', colours, shapes, ...gridOf(setup) },
      ...readingHeads(setup),
    },
  });
}

/**
 * The encoder of questions by itself, written or spoken ones, with heads for what they ask about what.
 *
 * @param meanings whether there is a head for the vector that it makes of them too
 */
export function questionModel(setup: ModelSetup, meanings: boolean): Model {
  const encoders = { text: questionEncoder(setup, false) };
  const parts = { hiddenSize, seed: setup.seed, encoders, fusion: meanOfEach };
  const heads = readingHeads(setup);
  if (!meanings) return composeModel(registry, { ...parts, heads });
  const meaning = { use: 'meaning', slot: 'text', size: hiddenSize } as const;
  return composeModel(registry, { ...parts, heads: { ...heads, meaning } });
}

const meanOfEach = { use: 'mean', numHiddenLayers: 1, hiddenDropout: 0 } as const;

function readingHeads({ edition: { colours, questions } }: ModelSetup) {
  const kinds = [...questions.nonRelational, ...questions.relational];
  return {
    kind: { use: 'classification', labels: kinds },
    subject: { use: 'classification', labels: colours },
    other: { use: 'classification', labels: colours },
  } as const;
}

/** Pixels to a token along each side: three convolutions halve them. */
export const cellSize = 8;

/** Cells of the picture, of each of which there is a token. */
function gridOf({ edition }: ModelSetup) {
  return { cells: Math.ceil(edition.size / cellSize), cellSize };
}

/** Layers of the picture's encoder that learn to see by themselves, and those behind them, which begin as nothing and learn to answer. */
const [seeingLayers, answeringLayers] = [2, 3];
const layerPaths = Array.from(
  { length: seeingLayers + answeringLayers },
  (_, index) => `encoders.image.each.layers.${index}`,
);

/** What of a model has learned to see. */
export const seeing = [
  'encoders.image.each.stem',
  'encoders.image.each.positions',
  ...layerPaths.slice(0, seeingLayers),
];

/** What comes behind it. */
export const newLayers = layerPaths.slice(seeingLayers);

function imageEncoder({ edition }: ModelSetup, numHiddenLayers: number) {
  return {
    use: 'convolutional',
    imageSize: edition.size,
    stemChannels: [32, 64],
    numHiddenLayers,
    pooling: 'mean-max',
    shared: true,
  } as const;
}

/** Whether it works within a causal model of the question's text, which no speech can take the place of. */
export function isCausal(method: Method): boolean {
  return method === 'flamingo';
}

function questionEncoder({ tokenizer, spoken }: ModelSetup, causal: boolean) {
  if (spoken) return speechEncoder;
  return {
    use: 'transformer',
    tokenizer: tokenizer === undefined ? 'bytes' : { file: tokenizer },
    maxLength: 112,
    bucketSize: tokenizer === undefined ? 112 : 16,
    numHiddenLayers: 2,
    ...layers,
    causal,
    shared: !causal, // a sequence that others are looked at from is not shared
  } as const;
}

const speechEncoder = {
  use: 'mel-transformer',
  sampleRate: 8000,
  numMelBins: 40,
  windowLength: 256, // 32 ms
  hopLength: 128, // 16 ms
  normalization: 'bands', // of a voice it leaves less than that of whole recordings
  convStrides: [2, 2, 2] as number[], // to tokens of 128 ms
  maxSeconds: 5,
  bucketSize: 32,
  numHiddenLayers: 3,
  ...layers,
  shared: true,
} as const;
