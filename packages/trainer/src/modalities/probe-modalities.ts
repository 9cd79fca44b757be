import {
  ConfigError,
  disposeBatch,
  inferenceContext,
  type Model,
  parseConfig,
  requireArgument,
  type Sample,
  suggestNames,
  UnknownNameError,
  uploadBatch,
} from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { type Samples, toDataset } from '../data/dataset';
import { requireModel } from '../data/require-model';
import { ridgeClassifier } from './ridge-classifier';

const schema = z.strictObject({
  data: z.unknown(), // see toDataset, which says what it may be
  test: z.unknown(),
  target: z.string().min(1),
  alone: z.record(z.string(), z.unknown()).optional(),
});

/** What {@link probeModalities} goes by. */
export interface ProbeOptions {
  /** Samples that probes are fitted to: with few hundred the figure is rough. */
  readonly data: Samples;
  /** Samples that they are judged on. */
  readonly test: Samples;
  /** The target whose values are told apart, by its name in samples: classes. */
  readonly target: string;
  /**
   * By slot, what its encoder comes to where it learns alone: a model that was trained on that modality by itself, whose branch is probed on
   * the same samples; or the accuracy, where it is known.
   */
  readonly alone?: Readonly<Record<string, Model | number>>;
}

/** How much the encoder of a modality has learned. */
export interface ModalityProbe {
  /** Of a linear classifier of its pooled vectors, on the test samples that have the modality. */
  readonly accuracy: number;
  /** The same of a model that learned from this modality alone. */
  readonly alone?: number;
  /** The one in relation to the other. Below 0.7 the modality is called lazy, as a warning of the process. */
  readonly ratio?: number;
}

/** Below it a branch has learned clearly less than its modality allows. */
const lazyBelow = 0.7;

/** Samples that are encoded at a time. */
const atOnce = 64;

/**
 * How much each modality's encoder has learned within a model, by a linear probe (Alain and Bengio 2016): a linear classifier is fitted to its
 * pooled vectors, and is held against the same of an encoder that learned alone. Where one modality answers most of the questions, others
 * may learn little, and nothing in the loss tells.
 *
 * ```ts
 * const probes = await probeModalities(model, { data, test, target: 'digit', alone: { image: imageModel, audio: audioModel } });
 * if (probes.audio.ratio < 0.7) console.log('the sound is not listened to');
 * ```
 *
 * @throws UnknownNameError for a slot of `alone` that the model, or the one it is held against, does not have
 * @throws ConfigError where no sample has a modality and the target, and for a target that is no classes: numbers, say
 */
export async function probeModalities(model: Model, options: ProbeOptions): Promise<Record<string, ModalityProbe>> {
  requireModel(model, 'probeModalities');
  parseConfig(schema, options, 'probeModalities');
  const { data, test, target, alone = {} } = options;
  for (const [slot, other] of Object.entries(alone)) requireReference(model, slot, other);
  const [fitted, judged] = [await read(data, 'data'), await read(test, 'test')];
  const probes: Record<string, ModalityProbe> = {};
  for (const slot of model.modalities) {
    const accuracy = await probe(model, slot, fitted, judged, target);
    const other = alone[slot];
    if (other === undefined) {
      probes[slot] = { accuracy };
      continue;
    }
    const reference = typeof other === 'number' ? other : await probe(other, slot, fitted, judged, target);
    const ratio = accuracy / reference;
    probes[slot] = { accuracy, alone: reference, ratio };
    if (ratio < lazyBelow) warnOfLazy(slot, probes[slot]);
  }
  return probes;
}

/** What an encoder is held against: a share, or a model that has the slot too. */
function requireReference(model: Model, slot: string, other: Model | number): void {
  const where = `probeModalities.alone.${slot}`;
  if (typeof other === 'number') {
    requireArgument(other > 0 && other <= 1, where, 'an accuracy above 0, and at most 1', other);
  } else requireModel(other, where);
  const models = typeof other === 'number' ? [model] : [model, other];
  for (const { modalities } of models) {
    if (modalities.includes(slot)) continue;
    const hint = suggestNames(slot, modalities);
    throw new UnknownNameError({ where, expected: 'a slot of the model', received: `"${slot}"`, hint });
  }
}

async function read(samples: Samples, name: string): Promise<Sample[]> {
  const dataset = toDataset(samples, `probeModalities.${name}`);
  return Promise.all(Array.from({ length: dataset.length }, (_, index) => dataset.get(index)));
}

async function probe(
  model: Model,
  slot: string,
  fitted: readonly Sample[],
  judged: readonly Sample[],
  target: string,
): Promise<number> {
  const having = (samples: readonly Sample[]) =>
    samples.filter(
      (own) => (own[slot] ?? undefined) !== undefined && (own.targets?.[target] ?? undefined) !== undefined,
    );
  const [own, tried] = [having(fitted), having(judged)];
  if (own.length === 0 || tried.length === 0) {
    const expected = `samples with ${slot} and the target ${target}`;
    throw new ConfigError({ where: 'probeModalities', expected, received: 'none' });
  }
  const labelOf = (sample: Sample) => JSON.stringify(sample.targets![target]);
  const labels = [...new Set(own.map(labelOf))];
  if (labels.length < 2 || labels.length > own.length / 2) {
    const expected = `a target of several classes, each of which samples with ${slot} have again and again`;
    const received = `${target}, of which ${own.length} samples have ${labels.length} values`;
    throw new ConfigError({ where: 'probeModalities.target', expected, received });
  }
  const vectors = await pooled(model, slot, own);
  const classifier = ridgeClassifier(
    vectors,
    own.map((sample) => labels.indexOf(labelOf(sample))),
    labels.length,
  );
  const answers = (await pooled(model, slot, tried)).map((row) => {
    const scores = classifier.scores(row);
    return labels[scores.indexOf(Math.max(...scores))];
  });
  return answers.filter((answer, index) => answer === labelOf(tried[index])).length / tried.length;
}

/** What the encoder of a slot gives of some samples, by itself. */
async function pooled(model: Model, slot: string, samples: readonly Sample[]): Promise<Float32Array[]> {
  const vectors: Float32Array[] = [];
  for (let begin = 0; begin < samples.length; begin += atOnce) {
    const some = samples.slice(begin, begin + atOnce).map((own) => ({ [slot]: own[slot] }));
    const batch = uploadBatch(model.collate(await Promise.all(some.map((own) => model.prepare(own)))));
    const made = tf.tidy(() => model.encoders[slot].encode(batch.modalities[slot], inferenceContext()).pooled);
    const values = (await made.data()) as Float32Array;
    const width = made.shape[1];
    for (let row = 0; row < some.length; row++) vectors.push(values.slice(row * width, (row + 1) * width));
    made.dispose();
    disposeBatch(batch);
  }
  return vectors;
}

function warnOfLazy(slot: string, { accuracy, alone = 0 }: ModalityProbe): void {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const message =
    `The encoder of ${slot} has learned little: a linear probe of it is right in ${percent(accuracy)}, of one that learned alone in ${percent(alone)}. ` +
    'Others may answer without it: see modulation and modalityDropout of train.';
  process.emitWarning(message, { type: 'PolymodalWarning', code: 'POLYMODAL_LAZY' });
}
