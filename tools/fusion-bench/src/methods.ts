import { composeModel, createRegistry, type Model } from '@polymodal/core';
import { audio } from '@polymodal/encoder-audio';
import { text } from '@polymodal/encoder-text';
import { vision } from '@polymodal/encoder-vision';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import { rows } from './rows/rows-plugin';
import type { Task } from './tasks/task';

const registry = createRegistry([vision, audio, text, rows, fusion, heads]);

/** Width of all models and encoders. */
const hiddenSize = 32;

/** As many layers in the fusion as in the encoders, whatever they consist of. */
const perceptron = { numHiddenLayers: 2, hiddenDropout: 0 };
const heading = { numAttentionHeads: 4, hiddenDropout: 0 };
const transformer = { numHiddenLayers: 2, ...heading };

/** Tokens of a picture and a recording, and of a text that is longer than its encoder would read otherwise. */
const roomForSplices = 56;

/** What a method is made of beside the encoders. */
interface Method {
  readonly fusion: (slots: Pick<Task, 'condition' | 'causalHost'>) => Readonly<Record<string, unknown>>;
  /** By default a linear classifier of the pooled representation. */
  readonly head?: 'expert-classification';
  /** Whether it continues the sequence of a causal text, which every sample must have then. */
  readonly causal?: true;
}

/** All that are compared, in the order of tables: late, mid, early, several levels, causal. */
const methods = {
  linear: { fusion: () => ({ use: 'none' }) },
  'product-of-experts': { fusion: () => ({ use: 'none' }), head: 'expert-classification' },
  concat: { fusion: () => ({ use: 'concat', ...perceptron }) },
  mean: { fusion: () => ({ use: 'mean', ...perceptron }) },
  weighted: { fusion: () => ({ use: 'weighted', ...perceptron }) },
  gated: { fusion: () => ({ use: 'gated', ...perceptron }) },
  tensor: { fusion: () => ({ use: 'tensor', ...perceptron }) },
  'low-rank': { fusion: () => ({ use: 'low-rank', ...perceptron }) },
  perceiver: { fusion: () => ({ use: 'perceiver', numLatents: 8, numHiddenLayers: 2, numAttentionHeads: 4 }) },
  'masked-transformer': { fusion: () => ({ use: 'masked-transformer', ...transformer }) },
  'masked-transformer-experts': {
    fusion: () => ({ use: 'masked-transformer', tokensPerModality: 'pooled', ...transformer }),
    head: 'expert-classification',
  },
  bottleneck: { fusion: () => ({ use: 'bottleneck', after: [1, 2], ...heading }) },
  'cross-attention': { fusion: () => ({ use: 'cross-attention', ...heading }) },
  film: { fusion: ({ condition }) => ({ use: 'film', condition }) },
  early: { fusion: () => ({ use: 'early', ...transformer, numHiddenLayers: 4 }) }, // those that its encoders do not run as well
  hierarchical: { fusion: () => ({ use: 'hierarchical', ...transformer }) },
  decoder: { fusion: ({ causalHost }) => ({ use: 'decoder', host: causalHost }), causal: true },
  flamingo: { fusion: ({ causalHost }) => ({ use: 'flamingo', host: causalHost }), causal: true },
} as const satisfies Readonly<Record<string, Method>>;

/** How a method is called. */
export type MethodName = keyof typeof methods;

/** All of them, in the order of tables. */
export const methodNames = Object.keys(methods) as MethodName[];

/** Whether a task has what a method needs. */
export function applies(name: MethodName, { causalHost }: Pick<Task, 'causalHost'>): boolean {
  return causalHost !== undefined || !causal(name);
}

/** The slots that a method may lack: all but the one that it continues. */
export function dispensable(name: MethodName, { encoders, causalHost }: Task): string[] {
  return Object.keys(encoders).filter((slot) => !(causal(name) && slot === causalHost));
}

/** The model of a method for a task. */
export function methodModel(name: MethodName, task: Task, seed: number): Model {
  const method: Method = methods[name];
  const { encoders, labels, causalHost } = task;
  const causalEncoder = causal(name) && { [causalHost!]: withRoom(encoders[causalHost!]) };
  return composeModel(registry, {
    hiddenSize,
    seed,
    encoders: { ...encoders, ...causalEncoder } as never,
    fusion: method.fusion(task) as never,
    heads: { answer: { use: method.head ?? 'classification', labels } as never },
  });
}

/** A causal text with positions for what is spliced into it, beside all that it may itself consist of. */
function withRoom(encoder: Task['encoders'][string]): Task['encoders'][string] {
  return { ...encoder, causal: true, maxLength: Number(encoder.maxLength) + roomForSplices };
}

function causal(name: MethodName): boolean {
  return 'causal' in methods[name];
}
