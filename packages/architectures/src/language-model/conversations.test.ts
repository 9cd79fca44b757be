import { registerOnnxBackend } from '@polymodal/backend-onnx';
import {
  composeModel,
  createRegistry,
  inferenceContext,
  type PreparedSample,
  packSamples,
  requirePacking,
  type Sample,
  uploadBatch,
} from '@polymodal/core';
import { audio } from '@polymodal/encoder-audio';
import { text } from '@polymodal/encoder-text';
import { vision } from '@polymodal/encoder-vision';
import { fusion } from '@polymodal/fusion';
import { headText } from '@polymodal/head-text';
import { answerText, evaluate, train } from '@polymodal/trainer';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';

registerOnnxBackend();
beforeAll(async () => {
  await tf.setBackend('onnx');
});

const picture = (grey: number) => ({ width: 8, height: 8, channels: 3 as const, data: new Uint8Array(192).fill(grey) });
const tone = (pitch: number) => ({
  samples: Float32Array.from({ length: 1600 }, (_, i) => Math.sin((i * pitch) / 50)),
  sampleRate: 16000,
});
const user = (...content: object[]) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });
const words = (text: string) => ({ text });

const conversations: Sample[] = [
  { text: [user(words('How are you?')), assistant('Well.'), user(words('And now?')), assistant('Better, thanks.')] },
  { text: [user({ image: picture(20) }, words('Dark?')), assistant('Yes.')] },
  {
    text: [
      { role: 'system', content: 'Look.' },
      user(words('First '), { image: picture(230) }, words(' then '), { image: picture(90) }),
      assistant('Darker.'),
      user({ sound: tone(3) }, words('What is it?')),
      assistant('A tone.'),
    ],
  },
  { text: [user({ sound: tone(9) }, words('High?')), assistant('High.')] },
];

const options = { numHiddenLayers: 1, numAttentionHeads: 2, hiddenDropout: 0, attentionDropout: 0 };
const several = { most: 8, ordered: false };
const compose = (head: object = {}, slots: object = {}) =>
  composeModel(createRegistry([text, vision, audio, fusion, headText]), {
    hiddenSize: 16,
    encoders: {
      text: {
        use: 'transformer',
        causal: true,
        numHiddenLayers: 2,
        numAttentionHeads: 2,
        maxLength: 96,
        hiddenDropout: 0,
        attentionDropout: 0,
        chatTemplate:
          '{% for m in messages %}{{ m.role[0] }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}a: {% endif %}',
      },
      image: { use: 'vit', imageSize: 8, patchSize: 4, ...options, several, ...slots },
      sound: { use: 'mel-transformer', ...options, several },
    },
    fusion: { use: 'decoder', projector: 'linear' },
    heads: { answer: { use: 'language-model', learns: 'answers', ...head } },
  } as never);

type Composed = ReturnType<typeof compose>;

/** The sum of the loss over some rows, what it counts, and its gradients. */
function learned(model: Composed, rows: readonly PreparedSample[]) {
  const batch = uploadBatch(model.collate(rows));
  const variables = [...model.parameters()].map(([, { value }]) => value as tf.Variable);
  const { tokens } = model.losses(batch, inferenceContext()).answer;
  const { grads } = tf.variableGrads(() => model.losses(batch, inferenceContext()).answer.tokens.sum, variables);
  const gradients = new Map(
    variables.map(({ name, size }) => [name, grads[name]?.dataSync() ?? new Float32Array(size)]),
  );
  return { sum: tokens.sum.dataSync()[0], count: tokens.count, gradients };
}

/** Asserts that rows teach together what they teach alone. */
function expectSame(together: ReturnType<typeof learned>, alone: readonly ReturnType<typeof learned>[]) {
  const added = (of: (own: ReturnType<typeof learned>) => number) => alone.reduce((sum, own) => sum + of(own), 0);
  expect(together.count).toBe(added(({ count }) => count));
  expect(Math.abs(together.sum - added(({ sum }) => sum)) / together.count).toBeLessThan(1e-5);
  for (const [name, own] of together.gradients) {
    const off = own.map((value, at) => Math.abs(value - added(({ gradients }) => gradients.get(name)![at])));
    expect(Math.max(...off) / together.count, name).toBeLessThan(1e-5);
  }
}

describe('conversations with pictures and sound', () => {
  it('teach their answers, with what ends them, and nothing else', async () => {
    const model = compose();
    const [first] = await Promise.all(conversations.slice(0, 1).map((sample) => model.prepare(sample)));
    const ids = [...first.targets.answer.ids.data];
    expect(model.processors.text.codec!.decode(ids)).toBe('Well.\nBetter, thanks.\n');
    const shown = 'u: {image}Dark?\na: ⟦Yes.\n⟧';
    expect(answerText(model, await model.prepare(conversations[1]))).toBe(shown);
    model.dispose();
  });

  it('are judged by their last answers, each asked for behind what was said before', async () => {
    const model = compose({ figures: ['cider'], endTokenId: 13, generation: { maxNewTokens: 5 } });
    const { answer } = model.heads;
    const judged = vi.spyOn(answer, 'evaluate');
    const asking: Sample = { text: [user(words('And?'))] }; // of whom nothing is to be said
    const figures = await evaluate(model, [...conversations, asking], { progress: false });
    const [predictions, targets] = judged.mock.calls[0];
    const wanted = ['Better, thanks.', 'Yes.', 'A tone.', 'High.'];
    const read = targets.map((own) => model.processors.text.codec!.decode([...own!.ids.data]));
    expect(read).toEqual(wanted.map((text) => `${text}\n`));
    const before = conversations.map((own) => ({ text: (own.text as object[]).slice(0, -1) }));
    const alone = await model.predict(before);
    expect(predictions).toEqual(alone.map((own) => own.answer));
    expect(figures.answer.count).toBe(4);
    expect(Object.keys(figures.answer.metrics)).toEqual(['accuracy', 'cider']);
    // To the letter: what is written is right if it is what was said, without what ends it.
    const right = [...wanted.slice(0, 3), 'Low.'].map((text) => ({
      text,
      ids: new Int32Array(),
      finishReason: 'stop',
    }));
    expect(answer.evaluate!(right as never, targets).accuracy).toBe(3 / 4);
    model.dispose();
  });

  it('are learned from in one batch, and in shared rows, as each alone, with none, one and several pictures and sounds', async () => {
    const model = compose();
    requirePacking(model, 'packing');
    const prepared = await Promise.all(conversations.map((sample) => model.prepare(sample)));
    const alone = prepared.map((row) => learned(model, [row]));
    expectSame(learned(model, prepared), alone);
    const [first, second, third, fourth] = prepared;
    const packed = [packSamples(model, [second, third, first]), packSamples(model, [fourth])];
    expect(packed[0].features.text.inputIds.data.length).toBeGreaterThan(96); // of each sample at most
    expect([...packed[0].features.text.placeValue.data].filter((value) => value >= 0)).toEqual([0, 1, 2, 0]);
    expectSame(learned(model, packed), alone);
    model.dispose();
  });

  it('do not share rows where that would change what is learned', async () => {
    const refused = (made: Composed) => expect(() => requirePacking(made, 'packing'));
    refused(compose({}, { several: true })).toThrow(/packing: .*"image", which learns a vector for each place/);
    refused(compose({}, { several: false })).toThrow(/"image", which takes one/);
    const model = compose();
    const beside = await model.prepare({ ...conversations[0], image: picture(1) });
    expect(() => packSamples(model, [beside])).toThrow(/sample 0, image: .*one beside it/);
    const writing = compose({ learns: 'target' });
    const { text: turns } = conversations[0] as { text: unknown[] };
    const asked = await writing.prepare({ text: turns.slice(0, 1), targets: { answer: 'Well.' } });
    expect(() => packSamples(writing, [asked])).toThrow(/sample 0, targets\.answer/);
  });

  it('are trained on in shared rows with the loss of all by themselves', async () => {
    const lossOf = async (options: Partial<Parameters<typeof train>[1]>) => {
      const { epochs } = await train(compose(), {
        data: conversations,
        steps: 1,
        progress: false,
        ...options,
      } as never);
      return epochs[0]!.loss;
    };
    const shared = await lossOf({ packing: { tokens: 128 }, batchSize: 4 });
    const alone = await lossOf({ batchSize: 1, accumulate: conversations.length });
    expect(Math.abs(shared - alone)).toBeLessThan(1e-5);
    const others = { packing: true, batchSize: { tokens: 64 } } as const;
    await expect(lossOf(others)).rejects.toThrow(/train\.packing: .*a budget as batchSize beside it/);
    const single = train(compose({}, { several: false }), {
      data: conversations,
      packing: true,
      progress: false,
    } as never);
    await expect(single).rejects.toThrow(/train\.packing: .*"image", which takes one/);
  });
});
