import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import {
  BackendError,
  ConfigError,
  composeUnchecked,
  createRegistry,
  type EncodedFeatures,
  EncoderProgram,
  inferenceContext,
  type Model,
  type RandomKey,
  readParameters,
  type Sample,
  uploadBatch,
} from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import { train } from '@polymodal/trainer';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const registry = createRegistry([text, fusion, heads]);

/** Two texts, of which the encoder of one stays as it is. */
function compose(options = {}): Model {
  const encoder = { use: 'transformer', numHiddenLayers: 1, numAttentionHeads: 2, hiddenDropout: 0 };
  return composeUnchecked(registry, {
    hiddenSize: 8,
    encoders: { note: encoder, title: encoder },
    fusion: { use: 'masked-transformer', numHiddenLayers: 1, numAttentionHeads: 2, hiddenDropout: 0 },
    heads: { tone: { use: 'classification', labels: ['calm', 'angry'] } },
    ...options,
  });
}

const data = [
  { note: 'thank you', title: 'yes', targets: { tone: 'calm' } },
  { note: 'NO! Never, and if it were the last thing that I ever did', title: 'no', targets: { tone: 'angry' } },
  { title: 'never mind', targets: { tone: 'calm' } },
  { note: 'what?', targets: { tone: 'angry' } },
  { note: 'thank me', title: 'no', targets: { tone: 'angry' } },
];
const common = {
  data,
  freeze: ['encoders.note'],
  epochs: 3,
  batchSize: 2,
  learningRate: 0.01,
  progress: false,
} as const;

async function learned(options: object): Promise<Map<string, number[]>> {
  const model = compose();
  await train(model, { ...common, ...options });
  return valuesOf(model);
}

async function valuesOf(model: Model): Promise<Map<string, number[]>> {
  return new Map([...(await readParameters(model))].map(([path, { data }]) => [path, [...data]]));
}

function largestDifference(a: Map<string, number[]>, b: Map<string, number[]>): number {
  return Math.max(...[...a].flatMap(([path, values]) => values.map((value, i) => Math.abs(value - b.get(path)![i]))));
}

registerOnnxBackend();

describe('frozen towers', () => {
  beforeAll(async () => {
    await tf.setBackend('onnx');
  });

  it('teach the others what they do within the steps', async () => {
    const usual = await learned({});
    expect(largestDifference(await learned({ frozenTowers: 'float32' }), usual)).toBeLessThan(1e-3); // Adam: 1e-7 a step, by signs
    expect(largestDifference(await learned({ frozenTowers: 'float32', towerCache: false }), usual)).toBeLessThan(1e-3);
    expect(largestDifference(await learned({ frozenTowers: 'float32', cacheBytes: 0 }), usual)).toBeLessThan(1e-3);
  });

  it('give vectors alone where nothing else is read of them, and all tokens to a head that reads them', async () => {
    const options = { fusion: { use: 'concat', hiddenDropout: 0 } };
    const experts = { tone: { use: 'expert-classification', labels: ['calm', 'angry'] } };
    const whole: EncodedFeatures[][] = [];
    const encode = EncoderProgram.prototype.encode;
    onTestFinished(() => {
      EncoderProgram.prototype.encode = encode;
    });
    EncoderProgram.prototype.encode = async function (values) {
      whole.push(await encode.call(this, values));
      return whole.at(-1)!;
    };
    const lengths = () => new Set(whole.splice(0).flatMap((own) => own.map(({ tokens }) => tokens.shape[0] > 0)));
    for (const [changed, hasTokens] of [
      [options, false],
      [{ ...options, heads: experts }, true],
    ] as const) {
      const [usual, apart] = [compose(changed), compose(changed)];
      await train(usual, common);
      await train(apart, { ...common, frozenTowers: 'float32', towerCache: temporaryFolder() });
      expect(lengths()).toEqual(new Set([hasTokens]));
      const [a, b] = await Promise.all([usual, apart].map(async (own) => valuesOf(own)));
      expect(largestDifference(b, a)).toBeLessThan(1e-3);
    }
  });

  it('give of values that change at random what these have become', async () => {
    const augment = (sample: Sample, key: RandomKey) => ({ ...sample, note: ['no', 'oh yes'][key.integer(0, 2)] });
    const usual = await learned({ augment });
    expect(largestDifference(usual, await learned({}))).toBeGreaterThan(1e-3);
    expect(largestDifference(await learned({ augment, frozenTowers: 'float32' }), usual)).toBeLessThan(1e-3);
  });

  it('are the same to the bit from memory, from a folder and from one that is there already', async () => {
    const directory = temporaryFolder();
    const options = { frozenTowers: 'float32' };
    const kept = await learned(options);
    for (const towerCache of [directory, { directory, maxBytes: 1e6 }]) {
      expect(await learned({ ...options, towerCache })).toEqual(kept);
    }
    expect(readdirSync(directory).filter((name) => name.endsWith('.shard'))).toHaveLength(1); // the second found all
  });

  it('are not run where their values are in the folder, and are where their weights are others', async () => {
    const directory = temporaryFolder();
    const runs = async (model: Model) => {
      const { note } = model.encoders;
      let count = 0;
      const encode = note.encode.bind(note);
      note.encode = (...given) => {
        count++;
        return encode(...given);
      };
      await train(model, { ...common, frozenTowers: 'float32', towerCache: directory });
      return count;
    };
    expect(await runs(compose())).toBeGreaterThan(0);
    expect(await runs(compose())).toBe(0);
    expect(await runs(compose({ seed: 1 }))).toBeGreaterThan(0);
  });

  it('go on to the bit where the run was interrupted', async () => {
    const options = { frozenTowers: 'float32' as const };
    const whole = await learned(options);
    const directory = join(temporaryFolder(), 'run');
    const first = new AbortController();
    await train(compose(), {
      ...common,
      ...options,
      directory,
      signal: first.signal,
      onEpoch: () => first.abort(),
    });
    const model = compose();
    await train(model, { ...common, ...options, directory });
    for (const [path, { data: values }] of await readParameters(model)) expect([...values]).toEqual(whole.get(path));
  });

  it('give in integers of 8 bits nearly what they give exactly', async () => {
    const model = compose();
    const { features } = await model.prepare(data[1]);
    const [exact] = await new EncoderProgram(model, 'note').encode([features.note]);
    const [rounded] = await new EncoderProgram(model, 'note', { precision: 'int8' }).encode([features.note]);
    const batch = uploadBatch(model.collate([await model.prepare(data[1])]));
    const { pooled } = model.encoders.note.encode(batch.modalities.note, inferenceContext());
    const differences = (values: ArrayLike<number>) =>
      Array.from(pooled.dataSync(), (value, i) => Math.abs(value - values[i]));
    expect(Math.max(...differences(exact.pooled.data))).toBeLessThan(1e-5);
    expect(Math.max(...differences(rounded.pooled.data))).toBeLessThan(0.1);
    expect(Math.max(...differences(rounded.pooled.data))).toBeGreaterThan(1e-5);
    await learned({ frozenTowers: 'int8' });
  });

  it('are refused where nothing is frozen, where a fusion works between layers, and in integers where there are none', async () => {
    const refused = (model: Model, options: object) =>
      expect(train(model, { ...common, frozenTowers: 'float32', ...options })).rejects;
    await refused(compose(), { frozenTowers: false, towerCache: 'towers' }).toThrow(
      /^train\.towerCache: expected frozenTowers/,
    );
    await refused(compose(), { freeze: [] }).toThrow(/^train\.frozenTowers: .*parameters that learn in note, title/);
    const deep = { use: 'transformer', numHiddenLayers: 2, numAttentionHeads: 2 };
    const between = compose({
      encoders: { note: deep, title: deep },
      fusion: { use: 'bottleneck', numAttentionHeads: 2 },
    });
    await refused(between, {}).toThrow(ConfigError);
    await tf.setBackend('cpu');
    await refused(compose(), { frozenTowers: 'int8' }).toThrow(BackendError);
    await tf.setBackend('onnx');
  });
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'polymodal-towers-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
