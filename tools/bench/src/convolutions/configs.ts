import type { ConvolutionalEncoderConfig } from '@polymodal/encoder-vision';

/** A piece of work with a convolutional encoder, and how much of it is measured. */
export interface ConvolutionsConfig {
  /** Encoding alone, compiled; encoding and gradients; or a whole step of training with FiLM. */
  readonly work: 'forward' | 'gradients' | 'film-step';
  readonly encoder: Omit<ConvolutionalEncoderConfig, 'layerNormEps' | 'numChannels'>;
  readonly pictures: number;
  /** How often it is done in a round. */
  readonly times: number;
}

/** Pictures of 48 × 48 pixels, to 6 × 6 positions. */
const scenes = {
  encoder: {
    imageSize: [48, 48],
    stemChannels: [24, 48],
    hiddenSize: 64,
    numHiddenLayers: 5,
    pooling: 'mean-max',
  },
  pictures: 32,
} as const;

/** Pictures of 224 × 224 pixels, to 28 × 28 positions. */
const large = {
  encoder: {
    imageSize: [224, 224],
    stemChannels: [64, 128],
    hiddenSize: 256,
    numHiddenLayers: 2,
    pooling: 'mean-max',
  },
  pictures: 4,
} as const;

export const configs: Readonly<Record<string, ConvolutionsConfig>> = {
  'film-step': { work: 'film-step', ...scenes, times: 6 },
  forward: { work: 'forward', ...scenes, times: 20 },
  gradients: { work: 'gradients', ...scenes, times: 10 },
  'large-forward': { work: 'forward', ...large, times: 2 },
  'large-gradients': { work: 'gradients', ...large, times: 1 },
};

/** Of the model whose step is taken. */
export const film = {
  questionsPerPicture: 8,
  /** How many different questions there are, each of so many bytes. */
  questions: 60,
  questionLength: 16,
  /** The picture's layers that the question modulates. */
  after: [2, 3, 4, 5],
  answers: 20,
  learningRate: 1e-4, // at 2e-3 rounding soon tells
} as const;
