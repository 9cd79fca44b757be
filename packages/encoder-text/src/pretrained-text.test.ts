import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  adaptersOf,
  ConfigError,
  composeModel,
  createRegistry,
  defineAdapter,
  definePlugin,
  type InterleavingProcessor,
  inferenceContext,
  type ModelConfig,
  Parameter,
  type RandomKey,
  StateError,
  UnknownNameError,
  uploadBatch,
} from '@polymodal/core';
import { loadModel, saveModel } from '@polymodal/core/node';
import {
  composePretrained,
  type EncoderFamily,
  embed,
  type LoadedPretrained,
  loadPretrained,
  pretrainedPart,
  savePretrained,
} from '@polymodal/hub';
import { Linear, MapAdapter, zeros } from '@polymodal/nn';
import { describeEncoder, referencePlugin } from '@polymodal/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { text } from '.';
import { textFamilies } from './families';
import { pretrainedText, pretrainedTextEncoder } from './pretrained-text';
import { folderWith } from './testing/tiny-pretrained';

const sizes = { hidden_size: 8, num_hidden_layers: 1, num_attention_heads: 2, intermediate_size: 12, vocab_size: 600 };
const still = { hidden_dropout_prob: 0, attention_probs_dropout_prob: 0 };
const stillGpt2 = { resid_pdrop: 0, embd_pdrop: 0, attn_pdrop: 0, vocab_size: 600 };
const folders = {
  bert: await folderWith('word-piece', { ...sizes, ...still, model_type: 'bert', max_position_embeddings: 32 }),
  roberta: await folderWith('unigram', { ...sizes, ...still, model_type: 'xlm-roberta', max_position_embeddings: 34 }),
  gpt2: await folderWith('byte-level-bpe', { ...stillGpt2, model_type: 'gpt2', n_embd: 8, n_layer: 1, n_head: 2 }),
  llama: await folderWith('byte-fallback-bpe', { ...sizes, model_type: 'llama', max_position_embeddings: 64 }),
};

const words = ['sieben', 'dos', '三只狗', 'семь', 'naïve', 'x'];
const sample = (key: RandomKey) =>
  Array.from({ length: key.fold('length').integer(1, 3) }, (_, i) => words[key.fold(i).integer(0, words.length)]).join(
    ' ',
  );

describe.each(Object.entries(folders))('pretrained-text as %s', (_, folder) => {
  const names = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];
  const files = Object.fromEntries(names.map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]));
  describeEncoder(pretrainedTextEncoder, { sample, config: { from: folder }, files, hiddenSize: 8 });
});

it('reads conversations by its template, and may have several in one row', async () => {
  const model = await composePretrained(createRegistry([text, pretrainedText, referencePlugin]), {
    hiddenSize: 6,
    encoders: {
      chat: {
        use: 'pretrained-text',
        from: folders.gpt2,
        chatTemplate: '{% for m in messages %}{{ m.role[0] }} {{ m.content }} {% endfor %}',
      },
    },
    fusion: { use: 'reference' },
    heads: {},
  } as never);
  const turns = [
    { role: 'user', content: 'sieben' },
    { role: 'assistant', content: 'dos' },
  ];
  const { features } = await model.prepare({ chat: turns });
  const { inputIds, answers } = features.chat;
  const learned = [...inputIds.data].filter((_, i) => answers.data[i] === 1);
  expect(String(model.processors.chat.codec!.decode(learned)).trim()).toBe('a dos');
  const { pack } = model.processors.chat as InterleavingProcessor;
  const packed = pack!([features.chat, features.chat]);
  expect([...packed.inputIds.data]).toEqual([...inputIds.data, ...inputIds.data]);
});

it('takes its checkpoint beside an adapter, and is handed back once that is merged', async () => {
  /** One number beside the map of each query: y = W x + s · W x. */
  class Louder extends MapAdapter {
    readonly amount = new Parameter([], zeros);

    constructor(readonly linear: () => Linear) {
      super();
    }

    forward<X extends tf.Tensor, Y extends tf.Tensor>(x: X, base: (x: X) => Y): Y {
      const y = base(x);
      return tf.add(y, tf.mul(y, this.amount.value));
    }

    merge(): () => void {
      const { weight } = this.linear();
      tf.tidy(() => weight.assign(tf.add(weight.value, tf.mul(weight.value, this.amount.value))));
      this.linear().adapter = undefined;
      return () => expect.unreachable('nobody takes it out again');
    }
  }
  const louder = defineAdapter({
    name: 'louder',
    config: z.object({}),
    apply(_, { model }) {
      for (const [path, module] of model.modules()) {
        if (path.endsWith('.query') && module instanceof Linear) module.adapter = new Louder(() => module);
      }
    },
  });
  const plugin = definePlugin({ name: 'louder', specificationVersion: 'v1', adapters: [louder] });
  const config = {
    hiddenSize: 8,
    encoders: { note: { use: 'pretrained-text', from: folders.bert } },
    fusion: { use: 'reference' },
    heads: {},
    adapters: [{ use: 'louder' }],
  } as const;
  const registry = createRegistry([text, pretrainedText, referencePlugin, plugin]);
  const model = await composePretrained(registry, config as never);
  const adapter = [...adaptersOf(model).values()][0] as Louder;
  const before = adapter.linear().weight.value.dataSync().slice();
  adapter.amount.assign(tf.scalar(0.5));
  const directory = join(mkdtempSync(join(tmpdir(), 'polymodal-adapted-')), 'bert');
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  await expect(savePretrained(pretrainedPart(model, 'note'), directory)).rejects.toThrow(
    /adapters are merged, received one with the adapter layers\.0\.attention\.query\.adapter.*mergeAdapters/,
  );
  model.mergeAdapters();
  await savePretrained(pretrainedPart(model, 'note'), directory);
  const again = await loadPretrained(textFamilies, directory);
  const merged = [...again.model.parameters()].find(([path]) => path.endsWith('query.weight'))![1].value.dataSync();
  expect([...merged]).toEqual([...before].map((value) => Math.fround(value + Math.fround(value * 0.5))));
});

it('is embedded in one call, in batches of any size, by the vector of the whole', async () => {
  const loaded = await loadPretrained(textFamilies, folders.bert);
  const texts = ['drei dos', 'x', '三只狗 семь naïve x', 'dos'];
  const alone = await Promise.all(texts.map(async (each) => (await embed(loaded, [each]))[0]));
  for (const batchSize of [3, 32]) {
    const embeddings = await embed(loaded, texts, { batchSize });
    embeddings.forEach((embedding, index) => {
      expect(Math.max(...embedding.map((value, at) => Math.abs(value - alone[index][at])))).toBeLessThan(1e-5);
    });
  }
  await expect(embed(loaded, ['x', 3 as unknown as string])).rejects.toThrow(/^sample 1, value: expected a string/);
  await expect(embed({ ...loaded, processor: undefined }, ['x'])).rejects.toThrow(StateError);
});

describe('composePretrained', () => {
  const registry = createRegistry([text, pretrainedText, referencePlugin]);
  const config = {
    hiddenSize: 6,
    encoders: { review: { use: 'pretrained-text', from: folders.bert }, sound: { use: 'reference' } },
    fusion: { use: 'reference' },
    heads: { mood: { use: 'reference' } },
  } as const satisfies ModelConfig<(typeof registry)['plugins'][number]>;
  const samples = [
    { review: 'drei dos' },
    { review: 'x', sound: Float32Array.of(1, 2, 3) },
    { sound: new Float32Array(6) },
  ];

  it('gives an encoder with the values of the checkpoint, and the tokens that it makes alone', async () => {
    const outputs: number[][] = [];
    const model = await composePretrained(registry, config);
    const alone = await loadPretrained(textFamilies, folders.bert);
    const both: readonly LoadedPretrained<EncoderFamily>[] = [alone, pretrainedPart(model, 'review')];
    for (const { model: encoder, processor } of both) {
      const features = processor!.collate([await processor!.process('三只狗 dos', { training: false })]);
      const batch = uploadBatch({ size: 1, targets: {}, modalities: { review: { rows: Int32Array.of(0), features } } });
      outputs.push([...encoder.encode(batch.modalities.review, inferenceContext()).tokens.dataSync()]);
    }
    expect(outputs[1]).toEqual(outputs[0]);
    expect(model.parameters().get('encoders.review.pooler.weight')).toBeDefined();
    model.dispose();
  });
  it('gives a model that is the same after being saved and loaded, without the folder it came from', async () => {
    const gone = await folderWith('word-piece', { ...sizes, model_type: 'bert', vocab_size: 400 });
    const model = await composePretrained(registry, {
      ...config,
      encoders: { ...config.encoders, review: { use: 'pretrained-text', from: gone } },
    });
    const target = mkdtempSync(join(tmpdir(), 'polymodal-composed-'));
    await saveModel(model, target);
    rmSync(join(gone, 'config.json'));
    const loaded = await loadModel(registry, target);
    expect(await loaded.predict(samples)).toEqual(await model.predict(samples));
    rmSync(target, { recursive: true });
  });

  it('takes several texts a sample, and hands the encoder of one back', async () => {
    const encoders = { ...config.encoders, review: { ...config.encoders.review, several: { most: 3 } } };
    const model = await composePretrained(registry, { ...config, encoders });
    const single = await composePretrained(registry, config);
    const [one, several, none] = await model.predict([
      { review: ['x'], sound: Float32Array.of(1, 2, 3) },
      { review: ['drei', 'dos', 'x'] },
      { review: [], sound: new Float32Array(6) },
    ]);
    expect([one, none]).toEqual(await single.predict([samples[1], samples[2]]));
    expect(Number.isFinite(several?.mood)).toBe(true);
    const { processor, model: encoder } = pretrainedPart(model, 'review');
    expect(processor).toBeDefined();
    expect([...encoder.parameters().keys()]).toEqual([...pretrainedPart(single, 'review').model.parameters().keys()]);
    const target = mkdtempSync(join(tmpdir(), 'polymodal-several-'));
    await saveModel(model, target);
    const loaded = await loadModel(registry, target);
    expect((await loaded.predict([{ review: ['drei', 'dos', 'x'] }]))[0]).toEqual(several);
    rmSync(target, { recursive: true });
  });

  it('hands an encoder back as the files that it came from', async () => {
    const model = await composePretrained(registry, config);
    const target = mkdtempSync(join(tmpdir(), 'polymodal-back-'));
    await savePretrained(pretrainedPart(model, 'review'), target);
    const filesOf = (name: string) =>
      [target, folders.bert].map((folder) => readFileSync(join(folder, name), 'latin1'));
    for (const name of ['model.safetensors', 'tokenizer.json', 'tokenizer_config.json']) {
      const [back, original] = filesOf(name);
      expect(back === original, name).toBe(true);
    }
    const [back, original] = filesOf('config.json').map((json) => JSON.parse(json));
    expect(back).toEqual(original);
    expect(() => pretrainedPart(model, 'revue')).toThrow('Did you mean "review"?');
    expect(() => pretrainedPart(model, 'revue')).toThrow(UnknownNameError);
    expect(() => pretrainedPart(model, 'sound')).toThrow('received encoders.sound, which is "reference"');
    rmSync(target, { recursive: true });
  });

  it('says which encoder is wrong, and where', async () => {
    const from = (folder: string, registryConfig: object = config) =>
      composePretrained(registry, {
        ...(registryConfig as typeof config),
        encoders: { ...config.encoders, review: { use: 'pretrained-text', from: folder } },
      }).then(
        () => expect.fail('the model was composed'),
        (error: unknown) => error as Error,
      );
    expect((await from('./no/such/folder')).message).toContain(
      'encoders.review.from, ./no/such/folder: expected a folder',
    );
    expect((await from(folders.bert, { ...config, fusion: { use: 'late' } })).message).toMatch(/^fusion\.use/);
    const bare = await folderWith('word-piece', { ...sizes, model_type: 'bert' });
    rmSync(join(bare, 'tokenizer.json'));
    expect((await from(bare)).message).toMatch(
      /^encoders\.review\.from, .*expected tokenizer\.json or preprocessor_config\.json/,
    );
    const other = await folderWith('word-piece', { ...sizes, model_type: 'bert' });
    rmSync(join(other, 'model.safetensors'));
    expect((await from(other)).message).toContain('encoders.review.from');
  });

  it('is what composeModel refers to, which reads no weights', () => {
    expect(() => composeModel(registry, config)).toThrow(ConfigError);
    expect(() => composeModel(registry, config)).toThrow(/^encoders\.review\.from: .*await composePretrained/);
  });
});
