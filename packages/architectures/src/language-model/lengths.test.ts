import { registerOnnxBackend } from '@polymodal/backend-onnx';
import {
  composeModel,
  createRegistry,
  hostTensor,
  inferenceContext,
  initialize,
  lengthMask,
  type Model,
  padAndStack,
  RandomKey,
  type Sample,
  SampleError,
  uploadBatch,
} from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { vision } from '@polymodal/encoder-vision';
import { fusion } from '@polymodal/fusion';
import { headText } from '@polymodal/head-text';
import { createFromConfig } from '@polymodal/hub';
import { evaluate, train } from '@polymodal/trainer';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { languageModels } from '../language-models';
import { batchOf, loadFixture } from '../testing/language-models';

registerOnnxBackend();
beforeAll(async () => {
  await tf.setBackend('onnx');
});

const quiet = { progress: false } as const;
const small = { use: 'transformer', causal: true, numHiddenLayers: 1, numAttentionHeads: 2 } as const;

/** A prompt of n letters has n + 1 tokens that something goes on behind: a start token, and a byte each. */
const writer = (options: { maxPositionEmbeddings?: number; longTargets?: 'cut' } = {}) => {
  const { longTargets, ...own } = options;
  return composeModel(createRegistry([text, fusion, headText]), {
    hiddenSize: 8,
    encoders: { text: { ...small, maxLength: 12, ...own } },
    fusion: { use: 'decoder' },
    heads: {
      answer: {
        use: 'language-model',
        maxLength: 9,
        ...(longTargets && { longTargets }),
        generation: { maxNewTokens: 20 },
      },
    },
  });
};

describe('what is learned behind a prompt', () => {
  const fits = { text: 'abcdefg', targets: { answer: 'abcd' } }; // 8 + 5 tokens, of which the last is not fed back
  const long = { text: 'abcdefgh', targets: { answer: 'abcd' } };
  const refusal =
    'sample 1, targets.answer: expected at most 4 tokens, the end among them, behind the 9 before: the encoder has positions for 12, received 5.';

  it('may reach the last position, and no further: the sample is named before the first step', async () => {
    const model = writer();
    const { steps } = await train(model, {
      data: [fits, { text: 'x', targets: { answer: '' } }],
      epochs: 1,
      batchSize: 2,
      ...quiet,
    });
    expect(steps).toBe(1);
    const before = tf.memory().numTensors;
    await expect(train(model, { data: [fits, long], epochs: 1, batchSize: 1, ...quiet })).rejects.toThrow(
      `data, ${refusal}`,
    );
    await expect(evaluate(model, [fits, long], quiet)).rejects.toThrow(`samples, ${refusal}`);
    const [answer, error] = await model.predict([fits, long], { onError: 'skip' });
    expect(answer).toHaveProperty('answer');
    expect(SampleError.isInstance(error)).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });

  it('has more room where the encoder has more positions than its texts have tokens', async () => {
    const model = writer({ maxPositionEmbeddings: 13 });
    expect((await train(model, { data: [fits, long], epochs: 1, batchSize: 2, ...quiet })).steps).toBe(1);
    model.dispose();
    expect(() => writer({ maxPositionEmbeddings: 11 })).toThrow(/text\.maxPositionEmbeddings: expected at least 12/);
  });

  it('is refused where it is longer than maxLength, with its length, unless it may be cut', async () => {
    const model = writer({ maxPositionEmbeddings: 64 });
    const data = [fits, { text: 'a', targets: { answer: 'abcdefghi' } }];
    await expect(train(model, { data, epochs: 1, ...quiet })).rejects.toThrow(
      /^data, sample 1, targets\.answer: expected a text of at most 9 tokens, its end among them, received one of 10\. .*longTargets: 'cut'/,
    );
    await expect(model.prepare({ text: 'a', targets: { answer: 'a'.repeat(1000) } })).rejects.toThrow(
      'received one of more than 576.',
    );
    model.dispose();
    const cutting = writer({ maxPositionEmbeddings: 64, longTargets: 'cut' });
    const { targets } = await cutting.prepare(data[1]!);
    expect([...targets.answer!.ids!.data]).toEqual([...'abcdefghi'].map((letter) => letter.charCodeAt(0) + 3));
    cutting.dispose();
  });

  it('is refused with rotary positions too, which would go on without end', async () => {
    const { model } = await loadFixture('llama'); // positions for 160
    const known = (tokens: number, target: number) => () =>
      model.heads.text.checkSample!({
        features: {},
        target: { ids: { data: new Int32Array(target), shape: [target] } },
        tokenCount: tokens,
      });
    expect(known(100, 61)).not.toThrow();
    expect(known(100, 62)).toThrow('expected at most 61 tokens, the end among them, behind the 100 before');
    model.dispose();
  });

  it('is what it is without padding, though with it there were more tokens than positions', () => {
    const sizes = {
      hidden_size: 8,
      num_hidden_layers: 1,
      num_attention_heads: 1,
      intermediate_size: 8,
      vocab_size: 40,
    };
    const rope = { rope_type: 'dynamic', rope_theta: 10_000, factor: 4 }; // angles go by the length of what is longer
    const config = { model_type: 'llama', ...sizes, max_position_embeddings: 14, rope_parameters: rope };
    const { model } = createFromConfig(languageModels, config);
    initialize(model, RandomKey.from(3));
    const answer = hostTensor(Int32Array.of(7, 3, 9, 5), [4]);
    const lossOf = (padded: number) =>
      tf.tidy(() => {
        const features = { ids: padAndStack([answer], [padded]), mask: lengthMask([4], padded) };
        const rows = Int32Array.of(0);
        const { targets } = uploadBatch({ size: 1, modalities: {}, targets: { text: { rows, features } } });
        const losses = model.losses({ ...batchOf([[4, 8, 15, 16, 23, 6, 11, 2]]), targets }, inferenceContext());
        return losses.text!.tokens!.sum.dataSync()[0]!;
      });
    expect(lossOf(16)).toBeCloseTo(lossOf(4), 5);
    model.dispose();
  });
});

describe('what is written behind a prompt', () => {
  it('is as long near the last position beside longer prompts as alone', async () => {
    const model = writer();
    const prompts = ['a', 'abcdefghij', 'abcdef'].map((own) => ({ text: own }));
    const asked = { heads: { answer: { eosTokenId: [] } } };
    const together = await model.predict(prompts, asked);
    // Of 12 positions 2, 11 and 7 are the prompt's; the last token is not fed back.
    expect(together.map(({ answer }) => answer.ids.length)).toEqual([11, 2, 6]);
    for (const [index, prompt] of prompts.entries())
      expect(await model.predict([prompt], asked)).toEqual([together[index]]);
    const counted = { heads: { answer: { eosTokenId: [], maxLength: 9 } } };
    const [short, none, middle] = await model.predict(prompts, { ...counted, onError: 'skip' });
    expect([short, middle].map((own) => 'answer' in own! && own.answer.ids.length)).toEqual([7, 2]);
    expect(SampleError.isInstance(none) && none.message).toMatch(
      /^sample 1, head "answer": expected a prompt of less than 9 tokens.*received one of 11\./,
    );
    await expect(model.stream(prompts[1]!, 'answer', { maxLength: 9 }).next()).rejects.toThrow(SampleError);
    model.dispose();
  });
});

describe('values that are spliced into a sequence', () => {
  const picture = (grey: number) => ({
    width: 8,
    height: 8,
    channels: 3 as const,
    data: new Uint8Array(192).fill(grey),
  });
  const compose = (tokens = {}) =>
    composeModel(createRegistry([text, vision, fusion, headText]), {
      hiddenSize: 8,
      encoders: {
        text: { ...small, maxLength: 24 },
        photos: {
          use: 'vit',
          imageSize: 8,
          patchSize: 4,
          numHiddenLayers: 1,
          numAttentionHeads: 2,
          several: { most: 4 },
        },
      },
      fusion: { use: 'decoder', tokens },
      heads: { answer: { use: 'language-model', bucketSize: 2, generation: { maxNewTokens: 3 } } },
    });
  const documentOf = (words: string, count: number): Sample => ({
    text: [{ text: words }, ...Array.from({ length: count }, (_, index) => ({ photos: picture(50 * index) }))],
  });
  // A start token, the bytes and an end, and in place of each placeholder 5 tokens: 24 in all.
  const full: Sample[] = [documentOf('sevenxx', 3), documentOf('ab', 4), { text: 'x'.repeat(22) }];

  it('may fill all positions, beside any others: placeholders and padding count nothing', async () => {
    const model: Model = compose();
    const asked = { heads: { answer: { eosTokenId: [] } } } as never;
    const together = await model.predict(full, asked);
    for (const [index, sample] of full.entries())
      expect(await model.predict([sample], asked)).toEqual([together[index]]);
    const data = full.map((sample) => ({ ...sample, targets: { answer: '' } }));
    for (const batchSize of [1, 3])
      expect((await train(model, { data, epochs: 1, batchSize, ...quiet })).status).toBe('finished');
    expect(await evaluate(model, data, quiet)).toHaveProperty('answer');
    model.dispose();
  });

  it('are refused by the sample where there is one too many, and the others answered', async () => {
    const model: Model = compose();
    const samples: Sample[] = [documentOf('eightxxx', 3), ...full, { text: 'x'.repeat(18), photos: [picture(1)] }];
    const answers = await model.predict(samples, { onError: 'skip' });
    expect(answers.map((own) => (SampleError.isInstance(own) ? own.message.split('.')[0] : 'answered'))).toEqual([
      'sample 0: expected at most 24 tokens, which the encoder of "text" has positions for, received 25: 10 of "text", 15 of "photos"',
      ...full.map(() => 'answered'),
      'sample 4: expected at most 24 tokens, which the encoder of "text" has positions for, received 25: 20 of "text", 5 of "photos"',
    ]);
    await expect(train(model, { data: samples, ...quiet })).rejects.toThrow(/^data, sample 0: expected at most 24/);
    model.dispose();
  });

  it('are refused while the model is composed, if none of their tokens would be left', () => {
    expect(() => compose({ photos: { from: 5 } })).toThrow(
      'fusion.tokens.photos.from: expected less than 5, as many tokens as the encoder makes of a value, received 5.',
    );
    expect(() => compose({ photos: { from: 4 } })).not.toThrow();
  });
});
