import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import {
  composeModel,
  disposeBatch,
  inferenceContext,
  initialize,
  type Model,
  meanLoss,
  RandomKey,
  SampleError,
  uploadBatch,
} from '@polymodal/core';
import { loadModel, saveModel } from '@polymodal/core/node';
import type { FoundSpan, SpanAnswer, TaggedText, TokenTags } from '@polymodal/head-text';
import { loadPretrained, openCheckpoint, pretrainedWhole, savePretrained } from '@polymodal/hub';
import { evaluate, train } from '@polymodal/trainer';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { questionAnswerers, textSpansRegistry, tokenClassifiers } from '../text-spans';

registerOnnxBackend();
beforeAll(() => tf.setBackend('onnx'));

const directory = mkdtempSync(join(tmpdir(), 'polymodal-text-spans-'));
afterAll(() => rmSync(directory, { recursive: true }));

const folderOf = (name: string) => fileURLToPath(new URL(`../../fixtures/text-spans/${name}`, import.meta.url));

/** What tools/parity/text_spans.py had Python compute. */
const expectedOf = (name: string) => JSON.parse(readFileSync(join(folderOf(name), 'expected.json'), 'utf8'));

/** The loss of samples, and its gradients under the names of the checkpoint, against Python's. */
async function expectLearning(
  families: typeof tokenClassifiers | typeof questionAnswerers,
  model: Model,
  head: string,
  samples: readonly object[],
  name: string,
) {
  const batch = uploadBatch(model.collate(await Promise.all(samples.map((sample) => model.prepare(sample as never)))));
  const variables = [...model.parameters().values()].map(({ value }) => value as tf.Variable);
  const { value, grads } = tf.variableGrads(() => meanLoss(model.losses(batch, inferenceContext())[head]!), variables);
  expect((await value.data())[0]).toBeCloseTo(expectedOf(name).loss, 5);
  for (const parameter of model.parameters().values()) {
    parameter.assignValues(Float32Array.from(await grads[parameter.value.name]!.data()));
  }
  const saved = join(directory, `${name}-gradients`);
  await savePretrained(pretrainedWhole(families as never, model), saved);
  const [ours, python] = [
    await openCheckpoint(saved),
    await openCheckpoint(join(folderOf(name), 'gradients.safetensors')),
  ];
  expect([...ours.names].sort()).toEqual([...python.names].sort());
  for (const own of python.names) {
    expect([own, largest((await ours.read(own)).data, (await python.read(own)).data) < 2e-5]).toEqual([own, true]);
  }
  for (const own of [ours, python]) await own.close();
  disposeBatch(batch);
  tf.dispose([value, grads]);
}

describe.each(['bert', 'roberta', 'xlm-roberta'])('%s, as Python has it', (kind) => {
  it('tags tokens, finds the spans of its pipeline, learns alike and goes back', async () => {
    const name = `${kind}-tags`;
    const { cases } = expectedOf(name);
    const { model } = await loadPretrained(tokenClassifiers, folderOf(name));
    for (const own of cases) {
      const sample = await model.prepare({ text: own.text });
      expect([...sample.features.text!.inputIds!.data]).toEqual(own.ids);
      const batch = uploadBatch(model.collate([sample]));
      const { logits } = model.forward(batch, inferenceContext(), ['tags']).heads.tags!.output as TokenTags;
      const count = own.ids.length * 5;
      expect(largest((await logits.data()).slice(0, count), own.logits.flat())).toBeLessThan(1e-5);
      disposeBatch(batch);
      for (const aggregation of kind === 'bert' ? (['simple', 'first'] as const) : (['simple'] as const)) {
        const [answer] = await model.predict([{ text: own.text }], { heads: { tags: { aggregation } } });
        const { spans } = answer!.tags as TaggedText;
        const theirs: FoundSpan[] = own[aggregation].filter(({ start, end }: FoundSpan) => start < end); // a lone `Ġ` is nothing
        expect(spans.map(({ start, end, label, text }) => [start, end, label, text])).toEqual(
          theirs.map(({ start, end, label }) => [start, end, label, own.text.slice(start, end)]),
        );
        const [mine, scores] = [spans, theirs].map((all) => all.map(({ score }) => score));
        expect(largest(mine!, scores!)).toBeLessThan(1e-5);
      }
    }
    const back = join(directory, `${name}-back`);
    await saveModel(model, join(directory, `${name}-kept`));
    const again = await loadModel(textSpansRegistry, join(directory, `${name}-kept`));
    await savePretrained(pretrainedWhole(tokenClassifiers, again), back);
    const [before, after] = [await openCheckpoint(folderOf(name)), await openCheckpoint(back)];
    expect([...after.names].sort()).toEqual([...before.names].sort());
    for (const own of before.names) expect(await after.read(own)).toEqual(await before.read(own));
    for (const own of [before, after]) await own.close();
    const { id2label } = JSON.parse(readFileSync(join(back, 'config.json'), 'utf8'));
    expect(Object.values(id2label)).toEqual(['O', 'B-PER', 'I-PER', 'B-LOC', 'I-LOC']);
    const samples = cases.map((own: { text: string; spans: unknown }) => ({
      text: own.text,
      targets: { tags: own.spans },
    }));
    await expectLearning(tokenClassifiers, model, 'tags', samples, name);
    for (const own of [again, model]) own.dispose();
  });

  it('answers questions about texts in windows, and learns of them alike', async () => {
    const name = `${kind}-answers`;
    const { question, context, answer, length, stride, windows, best } = expectedOf(name);
    const { model } = await loadPretrained(questionAnswerers, folderOf(name), {
      adjust: { maxLength: length, stride },
    });
    const [start, end] = answer;
    const sample = { text: { text: question, pair: context }, targets: { answer: [{ start, end }] } };
    const prepared = await model.prepare(sample);
    const positions = windows.map((own: { positions: number[] }) => own.positions);
    const { starts, ends } = prepared.targets.answer!;
    expect(Array.from(starts!.data, (at, window) => [at, ends!.data[window]])).toEqual(positions);
    const batch = uploadBatch(model.collate([prepared]));
    const { logits, order } = model.forward(batch, inferenceContext(), ['answer']).heads.answer!.output as TokenTags;
    const [own, places] = [await logits.data(), await order.data()];
    const kept = [...places.keys()].filter((at) => places[at]! >= 0);
    for (const [index, name] of ['start', 'end'].entries()) {
      const theirs = windows.flatMap((window: Record<string, number[]>) => window[name]);
      expect(
        largest(
          kept.map((at) => own[2 * at + index]!),
          theirs,
        ),
      ).toBeLessThan(1e-5);
    }
    disposeBatch(batch);
    const ask = async (noAnswerThreshold: number) => {
      const [said] = await model.predict([sample], { heads: { answer: { noAnswerThreshold } } });
      return said!.answer as SpanAnswer;
    };
    const said = await ask(best.noAnswer + 0.1);
    expect(said.answer).toMatchObject({ start: best.start, end: best.end, text: context.slice(best.start, best.end) });
    expect(said.noAnswer).toBeCloseTo(best.noAnswer, 4);
    expect((await ask(best.noAnswer - 0.1)).answer).toBeNull();
    await expectLearning(questionAnswerers, model, 'answer', [sample], name);
    model.dispose();
  });
});

describe('what other slots say', () => {
  const people = ['Ada', 'Ben', 'Cleo'];
  const samples = Array.from({ length: 24 }, (_, index) => {
    const [one, other] = [people[index % 3]!, people[(index + 1 + (index % 2)) % 3]!];
    const asked = index % 4 < 2 ? one : other;
    const question = index % 4 < 2 ? 'first' : 'second';
    const text = `🙂 ${one} met ${other}`;
    const at = text.lastIndexOf(asked);
    const spans = [one, other].map((name) => {
      const start = text.indexOf(name);
      return { start, end: start + name.length, label: 'person' };
    });
    return { text, question, targets: { names: spans, answer: { start: at, text: asked } } };
  });

  it('has a part in where the answer stands, and both heads learn by the ordinary training', async () => {
    const model = composeModel(textSpansRegistry, {
      hiddenSize: 32,
      encoders: {
        text: { use: 'transformer', numHiddenLayers: 1, numAttentionHeads: 2, maxLength: 64, bucketSize: 4 },
        question: { use: 'transformer', numHiddenLayers: 1, numAttentionHeads: 2, maxLength: 16, bucketSize: 4 },
      },
      fusion: { use: 'masked-transformer', numHiddenLayers: 2, numAttentionHeads: 2 },
      heads: {
        names: { use: 'token-classification', of: 'text', labels: ['person'], learns: 'all' },
        answer: { use: 'span', of: 'text' },
      },
    });
    initialize(model, RandomKey.from(3));
    await train(model, { data: samples, epochs: 150, batchSize: 24, learningRate: 0.003, seed: 1, progress: false });
    const { names, answer } = await evaluate(model, samples, { resamples: 0, progress: false });
    expect(names!.metrics.f1).toBeGreaterThan(0.95);
    expect(answer!.metrics.exactMatch).toBeGreaterThan(0.9); // by the text alone one of two: half
    const [said] = await model.predict([samples[0]!]);
    expect((said!.names as TaggedText).spans[0]).toMatchObject({ text: 'Ada', start: 3, label: 'person' });
    const bad = { ...samples[0]!, targets: { answer: { start: 1, end: 6 } } };
    await expect(model.prepare(bad)).rejects.toThrow(SampleError);
    await expect(model.prepare(bad)).rejects.toThrow(/sample, targets\.answer.*middle of "🙂"/s);
    model.dispose();
  });

  it.each(['none', 'mean', 'weighted', 'gated', 'concat', 'masked-transformer'])(
    'is joined by %s, and each token of the text is learned from all the same',
    async (use) => {
      const encoder = { use: 'transformer', numHiddenLayers: 1, numAttentionHeads: 1, maxLength: 64 } as const;
      const model = composeModel(textSpansRegistry, {
        hiddenSize: 8,
        encoders: use === 'none' ? { text: encoder } : { text: encoder, question: encoder },
        fusion: { use },
        heads: { names: { use: 'token-classification', of: 'text', labels: ['person'] } },
      } as never) as Model;
      const { text, question, targets } = samples[0]!;
      const sample = { text, ...(use !== 'none' && { question }), targets: { names: targets.names } };
      const batch = uploadBatch(model.collate([await model.prepare(sample)]));
      const parameters = [...model.parameters()].filter(([name]) => name.startsWith('heads.names.'));
      const { grads } = tf.variableGrads(
        () => meanLoss(model.losses(batch, inferenceContext()).names!),
        parameters.map(([, { value }]) => value as tf.Variable),
      );
      for (const [name, { value }] of parameters) {
        const largestOf = Math.max(...(await grads[value.name]!.data()).map(Math.abs));
        expect([name, largestOf > 0]).toEqual([name, true]);
      }
      disposeBatch(batch);
      model.dispose();
    },
  );
});

function largest(values: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(values.length).toBe(expected.length);
  return Array.from(values).reduce((most, value, index) => Math.max(most, Math.abs(value - expected[index]!)), 0);
}
