import { join } from 'node:path';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import {
  type Batch,
  composeUnchecked,
  hostTensor,
  inferenceContext,
  lengthMask,
  meanLoss,
  padAndStack,
  readParameters,
  uploadBatch,
} from '@polymodal/core';
import { loadPretrained, openCheckpoint } from '@polymodal/hub';
import { expectGradients } from '@polymodal/testing/family';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { languageModelRegistry, languageModels } from '../language-models';
import { batchOf, folderOf, modelFolders, readFixture } from '../testing/language-models';

registerOnnxBackend();

/** What tools/parity/generation.py has Python's models learn from. */
interface LossFixture {
  readonly texts: number[][];
  /** How many tokens of each are the prompt. */
  readonly prompts: number[];
  readonly losses: { readonly answers: number; readonly texts: number };
}

const learned = ['gpt2', 'llama', 'qwen2-windows'];
const lossesOf = (name: string) => readFixture<LossFixture>(join(name, 'loss.json'));

/** Prompts padded at either end, and what follows them as targets: Python's labels are −100 on the prompts. */
function answers({ texts, prompts }: LossFixture, side: 'left' | 'right'): Batch {
  const asked = texts.map((text, row) => text.slice(0, prompts[row]));
  const width = Math.max(...prompts);
  const { modalities, ...batch } = batchOf(
    side === 'right' ? asked : asked.map((text) => [...Array(width - text.length).fill(0), ...text]),
  );
  const own = modalities.text.features;
  const mask = asked.map(({ length }) =>
    Array.from({ length: width }, (_, place) => (place >= width - length ? 1 : 0)),
  );
  const features = side === 'right' ? own : { ...own, mask: tf.tensor2d(mask, [asked.length, width]) };
  const written = texts.map((text, row) => Int32Array.from(text.slice(prompts[row])));
  const ids = padAndStack(written.map((one) => hostTensor(one, [one.length])));
  const values = {
    ids,
    mask: lengthMask(
      written.map(({ length }) => length),
      ids.shape[1],
    ),
  };
  const rows = Int32Array.from(texts.keys());
  const { targets } = uploadBatch({
    size: texts.length,
    modalities: {},
    targets: { text: { rows, features: values } },
  });
  return { ...batch, modalities: { text: { rows, features } }, targets };
}

/** Whole texts as targets: all but the first token of each. */
function whole({ texts }: LossFixture): Batch {
  const { targets } = targetsOf(texts.map((text) => text.slice(1)));
  return { ...batchOf(texts), targets };
}

function targetsOf(guessed: readonly number[][]): Pick<Batch, 'targets'> {
  const ids = padAndStack(guessed.map((own) => hostTensor(Int32Array.from(own), [own.length])));
  const mask = lengthMask(
    guessed.map(({ length }) => length),
    ids.shape[1],
  );
  const own = { rows: Int32Array.from(guessed.keys()), features: { ids, mask } };
  return uploadBatch({ size: guessed.length, modalities: {}, targets: { text: own } });
}

/** The texts with their answers marked, each a row, or all in two rows, one behind the other. */
function conversations({ texts, prompts }: LossFixture, isPacked: boolean): Batch {
  const samples = texts.map((text, index) => ({
    text,
    answers: text.map((_, place) => (place < prompts[index] ? 0 : 1)),
  }));
  const packs = isPacked ? [samples.slice(0, -1), samples.slice(-1)] : samples.map((sample) => [sample]);
  const { modalities, ...batch } = batchOf(packs.map((pack) => pack.flatMap(({ text }) => text)));
  const { features, rows } = modalities.text;
  const length = features.inputIds.shape[1]!;
  const filled = (values: readonly number[], filling: number) => [
    ...values,
    ...Array(length - values.length).fill(filling),
  ];
  const answers = tf.tensor2d(
    packs.map((pack) =>
      filled(
        pack.flatMap((sample) => sample.answers),
        0,
      ),
    ),
  );
  const segments = packs.map((pack) =>
    filled(
      pack.flatMap(({ text }, index) => text.map(() => index)),
      -1,
    ),
  );
  const ids = packs.map((pack) =>
    pack.flatMap((sample) => sample.text.filter((_, place) => sample.answers[place] === 1)),
  );
  const { targets } = targetsOf(ids);
  const segment = tf.tensor2d(segments, [packs.length, length], 'int32');
  const own = isPacked ? { ...features, answers, segment } : { ...features, answers };
  return { ...batch, modalities: { text: { rows, features: own } }, targets };
}

describe.each(['cpu', 'onnx'])('a language model learns on %s', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  it('from as many models as there are fixtures for', () => {
    expect(modelFolders.filter((name) => learned.includes(name))).toEqual(learned);
  });

  it.each(learned.flatMap((name) => (['right', 'left'] as const).map((side) => [name, side] as const)))(
    'to answer, with the loss and the gradients of Python: %s, prompts padded at the %s',
    async (name, side) => {
      const loaded = await loadPretrained(languageModels, folderOf(name));
      const fixture = lossesOf(name);
      const batch = answers(fixture, side);
      const loss = () => meanLoss(loaded.model.losses(batch, inferenceContext()).text);
      expect(Math.abs(tf.tidy(() => loss().dataSync()[0]) - fixture.losses.answers)).toBeLessThan(1e-5);
      const gradients = await openCheckpoint(join(folderOf(name), 'gradients-answers.safetensors'));
      await expectGradients(loaded, loss, gradients, 1e-4);
      await gradients.close();
      loaded.model.dispose();
    },
  );

  it.each(learned)('to write texts, with the loss and the gradients of Python: %s', async (name) => {
    await expectLearned(name, 'sequence', 'texts', whole);
  });

  it.each(learned.flatMap((name) => [false, true].map((isPacked) => [name, isPacked] as const)))(
    'to answer in conversations, with the loss and the gradients of Python: %s, packed: %s',
    async (name, isPacked) => {
      await expectLearned(name, 'answers', 'answers', (fixture) => conversations(fixture, isPacked));
    },
  );
});

async function expectLearned(
  name: string,
  learns: 'sequence' | 'answers',
  what: keyof LossFixture['losses'],
  batchFor: (fixture: LossFixture) => Batch,
): Promise<void> {
  const loaded = await loadPretrained(languageModels, folderOf(name));
  const { model, contents } = loaded;
  const { text, ...heads } = model.config.heads;
  const config = { ...model.config, heads: { ...heads, text: { ...text, learns } } };
  const savedFile = (_: string, file: string) => contents.get(file);
  const learner = composeUnchecked(languageModelRegistry, config, { initialize: false, savedFile });
  const values = await readParameters(model);
  for (const [path, parameter] of learner.parameters()) parameter.assignValues(values.get(path)!.data as Float32Array);
  const fixture = lossesOf(name);
  const batch = batchFor(fixture);
  const loss = () => meanLoss(learner.losses(batch, inferenceContext()).text);
  expect(Math.abs(tf.tidy(() => loss().dataSync()[0]) - fixture.losses[what])).toBeLessThan(1e-5);
  const gradients = await openCheckpoint(join(folderOf(name), `gradients-${what}.safetensors`));
  await expectGradients({ ...loaded, model: learner }, loss, gradients, 1e-4);
  await gradients.close();
  model.dispose();
  learner.dispose();
}
