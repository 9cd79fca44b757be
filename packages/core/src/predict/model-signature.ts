import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { uploadBatch } from '../batch';
import { checkAllPrepared } from '../check-prepared';
import { ConfigError } from '../errors';
import type { HeadTree } from '../head-tree';
import { parseConfig } from '../parse-config';
import { collateSamples, type PreparedSample, type Processors, sampleShape } from '../prepared-sample';
import { presentRows } from '../present-rows';
import type { Prediction } from './answer';
import { type HeadOptions, readAnswers } from './head-answers';
import { type ForwardParts, forwardOf, namedFeatures, openAxes } from './model-programs';
import type { PredictOptions } from './predict-options';
import { checkNamedTensors, formsOf, type TensorForms } from './signature-tensors';

/**
 * A model as a function of named tensors, for samples that all have the same modalities: what exporting, compiling and serving start
 * from. Inputs are called `slot/feature`, outputs `head/score`; the rows are the first axis of all of them.
 *
 * Of a head that produces its answer step by step the outputs are the numbers of its one pass: of a language model, the logits of what
 * follows, for whoever takes the steps elsewhere.
 */
export interface ModelSignature {
  readonly modalities: readonly string[];
  readonly heads: readonly string[];
  /**
   * Pure, without gradients; what it gives is the caller's to dispose.
   *
   * @throws ConfigError for an input that is missing or unknown, ShapeError for one of another type or shape
   */
  run(inputs: tf.NamedTensorMap): tf.NamedTensorMap;
  /**
   * Tensors of samples with these modalities, padded to one another's lengths. They are the caller's to dispose.
   *
   * @throws SampleError for what was not prepared, ConfigError for a sample of other modalities
   */
  inputs(samples: readonly PreparedSample[]): tf.NamedTensorMap;
  /** Names of the axes that may have any length, by input and axis. */
  readonly dynamicAxes: Readonly<Record<string, Readonly<Record<number, string>>>>;
  /**
   * What the heads answer for each row, from the outputs, wherever they were computed: but for those that produce, whose answers take
   * further steps.
   *
   * @param samples that the inputs were made of, for heads that say something of what is in them: of tokens of a text, say
   * @throws ConfigError where all of them produce, and for an output that is missing or unknown, ShapeError for one of another type, or other rows than the rest
   * @throws NonFiniteError for outputs that are not finite
   */
  answers(outputs: tf.NamedTensorMap, samples?: readonly PreparedSample[]): Promise<Prediction[]>;
}

/**
 * @param example a prepared sample with the modalities that are meant
 * @param options what is asked of each head
 */
export function modelSignature(parts: ForwardParts, example: PreparedSample, options: HeadOptions): ModelSignature {
  const [modalities, heads] = [Object.keys(example.features), Object.keys(options)];
  checkOnePass(parts, heads);
  const { processors } = parts;
  const forward = forwardOf(parts, heads);
  const upload = (samples: readonly PreparedSample[]) =>
    uploadBatch(collateSamples({ processors, targets: {} }, samples));
  const named = namedFeatures(upload([example]));
  const names = Object.keys(named);
  const dynamicAxes = openAxes(processors, names);
  const inputForms = formsOf(named, dynamicAxes, (input) => isFixed(processors, example, input));
  tf.dispose(named);
  let outputForms: TensorForms | undefined;
  /** Looked up where they are needed first, since it takes a pass. */
  const formsOfOutputs = () => {
    const outputs = tf.tidy(() => forward(namedFeatures(upload([example]))));
    const rows = Object.fromEntries(Object.keys(outputs).map((name) => [name, { 0: 'rows' }]));
    outputForms = formsOf(outputs, rows, () => false);
    tf.dispose(outputs);
    return outputForms;
  };
  return {
    modalities,
    heads,
    run(inputs) {
      checkNamedTensors('signature.run', 'input', inputs, inputForms);
      return tf.tidy(() => forward(inputs));
    },
    inputs(samples) {
      checkAllPrepared(samples, processors, 'signature.inputs');
      checkModalities(samples, modalities);
      const inputs = namedFeatures(upload(samples));
      checkInputs(inputs, names);
      return inputs;
    },
    dynamicAxes,
    async answers(outputs, samples = []) {
      const answering = Object.entries(options).filter(([name]) => isScored(parts.tree, name));
      checkAnswering(heads, answering.length);
      checkNamedTensors('signature.answers', 'output', outputs, outputForms ?? formsOfOutputs());
      const [size] = Object.values(outputs)[0].shape;
      const rows = Int32Array.from({ length: size }, (_, row) => row);
      checkSamplesOf(samples, size);
      const present = presentRows({ size, modalities: Object.fromEntries(modalities.map((name) => [name, { rows }])) });
      const answers = await readAnswers(parts.tree, Object.fromEntries(answering), outputs, present, samples);
      for (const answer of answers) if (answer instanceof Error) throw answer;
      return answers as Prediction[];
    },
  };
}

/** Whether the axes of an input that are not left open have one size in all samples, as far as its processor says. */
function isFixed(processors: Processors, example: PreparedSample, input: string): boolean {
  const [modality] = input.split('/');
  const { lengthAxes = {} } = processors[modality];
  const { fixed, lengths = {} } = sampleShape({ processors, targets: {} }, example)[modality];
  const open = Object.values(lengthAxes).flatMap((axes) => Object.values(axes));
  return fixed === undefined && Object.keys(lengths).every((name) => open.includes(name));
}

const signatureOptions = z.strictObject({ heads: z.unknown().optional() }); // see parseHeadOptions, which knows the heads

/** @throws ConfigError for an option that is unknown */
export function parseSignatureOptions(options: object): { heads?: PredictOptions['heads'] } {
  return parseConfig(signatureOptions, options, 'signature') as { heads?: PredictOptions['heads'] };
}

/** Whether a head's answer comes from one pass: neither it nor what feeds it produces step by step. */
export function isScored(tree: HeadTree, head: string): boolean {
  return tree.plan([{ name: head, rows: [] }]).every(({ name }) => !tree.heads[name].produce);
}

/** Whether a head answers from one pass, or has numbers of one from which its steps can be taken elsewhere. */
export function isOnePass(tree: HeadTree, head: string): boolean {
  const stepwise = tree.plan([{ name: head, rows: [] }]).filter(({ name }) => tree.heads[name].produce);
  return stepwise.every(({ name }) => name === head && tree.heads[name].passScores);
}

/** @throws ConfigError for a head that has nothing to give from one pass */
function checkOnePass({ tree }: ForwardParts, heads: readonly string[]): void {
  const stepwise = heads.find((name) => !isOnePass(tree, name));
  if (stepwise === undefined) return;
  throw new ConfigError({
    where: 'signature',
    expected: 'heads that answer from one pass, or say what theirs gives (passScores)',
    received: `"${stepwise}", which produces its answer step by step, or is fed by one that does`,
    hint: 'Name other heads: { heads: [ … ] }.',
  });
}

/** @throws ConfigError where every head produces */
function checkAnswering(heads: readonly string[], answering: number): void {
  if (heads.length === 0 || answering > 0) return;
  throw new ConfigError({
    where: 'signature.answers',
    expected: 'a head that answers from one pass',
    received: `${heads.join(', ')}, whose answers take further steps`,
    hint: 'Take the steps yourself, from the numbers of the pass, or let model.predict do it.',
  });
}

/** @throws ConfigError for samples that are not those of the rows */
function checkSamplesOf(samples: readonly PreparedSample[], size: number): void {
  if (samples.length === 0 || samples.length === size) return;
  throw new ConfigError({
    where: 'signature.answers, samples',
    expected: `the ${size} samples that the outputs are of, or none`,
    received: String(samples.length),
  });
}

function checkModalities(samples: readonly PreparedSample[], modalities: readonly string[]): void {
  const wanted = [...modalities].sort().join(', ');
  samples.forEach(({ features }, index) => {
    const own = Object.keys(features).sort().join(', ');
    if (own === wanted) return;
    throw new ConfigError({
      where: `signature, sample ${index}`,
      expected: `a sample with ${wanted}`,
      received: `one with ${own || 'no modality'}`,
      hint: 'Each combination of modalities has a signature of its own.',
    });
  });
}

/** Documents have features that other values of a slot have not. @throws ConfigError */
function checkInputs(inputs: tf.NamedTensorMap, names: readonly string[]): void {
  const own = Object.keys(inputs);
  const odd = names.find((name) => !own.includes(name)) ?? own.find((name) => !names.includes(name));
  if (odd === undefined) return;
  tf.dispose(inputs);
  const isLacking = names.includes(odd);
  throw new ConfigError({
    where: `signature, ${odd}`,
    expected: isLacking
      ? 'a document among the samples, as that which the signature is of'
      : 'samples without a document',
    received: isLacking ? 'none' : 'one',
    hint: 'Documents have a signature of their own. What is no document becomes one as a list of a single part.',
  });
}
