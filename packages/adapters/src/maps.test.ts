import { readFileSync } from 'node:fs';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { initialize, Module, type Parameter, parseConfig, RandomKey } from '@polymodal/core';
import { Conv1d, Conv2d, Embedding, Linear, type MapAdapter } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AdaptedMap } from './adapted-maps';
import { bottleneck } from './bottleneck';
import { ia3 } from './ia3';
import { lora } from './lora';

/** As `tools/parity/adapters.py` writes it: what PEFT makes of one map, whose channels come last. */
interface MapCase {
  readonly name: string;
  readonly kind: 'Linear' | 'Embedding' | 'Conv1d' | 'Conv2d';
  readonly options: Readonly<Record<string, number | boolean>>;
  /** The weight before it is held in int8, where it is. */
  readonly unrounded?: FixtureTensor;
  readonly x: FixtureTensor;
  readonly base: Readonly<Record<string, FixtureTensor>>;
  readonly norms: FixtureTensor;
  readonly learned: Readonly<Record<string, FixtureTensor>>;
  readonly y: FixtureTensor;
  readonly cotangent: FixtureTensor;
  readonly gradients: Readonly<Record<string, FixtureTensor>>;
  readonly merged: Readonly<Record<string, FixtureTensor>>;
}

interface FixtureTensor {
  readonly shape: number[];
  readonly data: number[];
  readonly dtype: 'float32' | 'int32';
}

const cases = JSON.parse(readFileSync(new URL('../fixtures/maps.json', import.meta.url), 'utf8')) as MapCase[];

const made: Readonly<Record<MapCase['kind'], () => AdaptedMap>> = {
  Linear: () => new Linear(5, 4),
  Embedding: () => new Embedding(6, 4),
  Conv1d: () => new Conv1d({ inChannels: 3, outChannels: 4, kernelSize: 3, stride: 2, padding: 1 }),
  Conv2d: () => new Conv2d({ inChannels: 3, outChannels: 4, kernelSize: [2, 3], stride: [1, 2], padding: [0, 1] }),
};

/** By their names in PEFT. */
const ours: Readonly<Record<string, string>> = {
  'lora_A.weight': 'loraA',
  'lora_B.weight': 'loraB',
  lora_embedding_A: 'loraA',
  lora_embedding_B: 'loraB',
  'lora_magnitude_vector.weight': 'magnitudeChange',
  ia3_l: 'vector',
};

/** Sums of a dozen terms of order 1, in float32; the fixture has seven digits. */
const tolerance = 1e-5;

class Holder extends Module {
  readonly heads: { readonly only: { readonly map: AdaptedMap } };

  constructor(map: AdaptedMap) {
    super();
    this.heads = { only: { map } };
  }
}

function adapt(map: AdaptedMap, { options, unrounded }: Pick<MapCase, 'options' | 'unrounded'>): Holder {
  const holder = new Holder(map);
  const common = { targets: ['map'], frozenWeights: unrounded ? 'int8' : 'float32' };
  if ('feedforward' in options) {
    const feedForward = options.feedforward ? ['map'] : [];
    ia3.apply(parseConfig(ia3.config, { ...common, feedForward }, 'ia3'), { model: holder });
  } else {
    const { r, lora_alpha, use_rslora = false, use_dora = false } = options;
    const config = { ...common, rank: r, alpha: lora_alpha, rslora: use_rslora, dora: use_dora };
    lora.apply(parseConfig(lora.config, config, 'lora'), { model: holder });
  }
  return holder;
}

function tensor({ data, shape, dtype }: FixtureTensor): tf.Tensor {
  return tf.tensor(data, shape, dtype);
}

function expectNear(actual: tf.Tensor, { data, shape }: Pick<FixtureTensor, 'data' | 'shape'>): void {
  expect(actual.size).toBe(shape.reduce((product, length) => product * length, 1));
  const values = actual.dataSync();
  data.forEach((expected, i) => {
    expect(Math.abs(values[i] - expected) / (1 + Math.abs(expected))).toBeLessThan(tolerance);
  });
}

const call = (map: AdaptedMap, x: tf.Tensor) => (map.forward as (x: tf.Tensor) => tf.Tensor).call(map, x);

registerOnnxBackend();

describe.each(['cpu', 'onnx'])('adapted maps on %s', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  it.each(cases.filter(({ unrounded }) => backend === 'onnx' || !unrounded))(
    'are what PEFT makes of them, with its gradients: $name',
    (fixture) => {
      const map = made[fixture.kind]();
      const parameters = adapt(map, fixture).parameters();
      const own = (name: string) => parameters.get(`heads.only.map.${name}`)!;
      for (const [name, value] of Object.entries(fixture.base))
        own(name).assign(tensor((name === 'weight' && fixture.unrounded) || value));
      expectNear(own('weight').value, fixture.base.weight);
      const x = tensor(fixture.x);
      for (const parameter of parameters.values()) initializeOne(parameter);
      const { adapter } = map;
      map.adapter = undefined;
      const before = [...call(map, x).dataSync()];
      map.adapter = adapter;
      expect([...call(map, x).dataSync()]).toEqual(before); // nothing at first, to the bit

      const learned = Object.keys(fixture.learned);
      for (const [name, value] of Object.entries(fixture.learned)) {
        const parameter = own(`adapter.${ours[name]}`);
        const values = tf.reshape(tensor(value), [...parameter.shape]);
        parameter.assign(name.includes('magnitude') ? tf.sub(values, tensor(fixture.norms)) : values);
      }
      expectNear(call(map, x), fixture.y);
      const variables = learned.map((name) => own(`adapter.${ours[name]}`).value as tf.Variable);
      const cotangent = tensor(fixture.cotangent);
      const { grads } = tf.variableGrads(() => tf.sum(tf.mul(call(map, x), cotangent)), variables);
      learned.forEach((name, i) => {
        expectNear(grads[variables[i].name], fixture.gradients[name]);
      });

      const putBack = (adapter as MapAdapter).merge();
      expect(map.adapter).toBeUndefined();
      expectNear(own('weight').value, fixture.merged.weight);
      if (fixture.merged.bias) expectNear(own('bias').value, fixture.merged.bias);
      expectNear(call(map, x), fixture.y);
      putBack();
      expectNear(own('weight').value, fixture.base.weight);
      expectNear(call(map, x), fixture.y);
    },
  );
});

describe('bottleneck', () => {
  it('is a network behind the map with a way around it, and nothing at first', async () => {
    await tf.setBackend('cpu');
    const map = new Linear(3, 2);
    const holder = new Holder(map);
    const config = { targets: ['map'], bottleneckSize: 2, hiddenAct: 'relu' };
    bottleneck.apply(parseConfig(bottleneck.config, config, 'bottleneck'), { model: holder });
    initialize(holder, RandomKey.from(1));
    const x = tf.tensor2d([[1, -2, 0.5]]);
    const y = tf.add(tf.matMul(x, map.weight.value as tf.Tensor2D, false, true), map.bias!.value);
    expect([...map.forward(x).dataSync()]).toEqual([...y.dataSync()]);
    const assign = (name: string, values: number[]) =>
      holder.parameters().get(`heads.only.map.adapter.${name}`)!.assignValues(Float32Array.from(values));
    assign('down.weight', [1, 2, -1, 1]);
    assign('down.bias', [0.5, 0]);
    assign('up.weight', [1, 0, 2, 1]);
    assign('up.bias', [0, 1]);
    const [a, b] = y.dataSync();
    const [h1, h2] = [Math.max(0, a + 2 * b + 0.5), Math.max(0, -a + b)];
    expectNear(map.forward(x), { data: [a + h1, b + 2 * h1 + h2 + 1], shape: [1, 2] });
    expect(() => (map.adapter as MapAdapter).merge()).toThrow(/changes of weights, such as lora and ia3/);
  });
});

function initializeOne(parameter: Parameter): void {
  if (!parameter.isInitialized)
    parameter.adoptValues(parameter.initializer(parameter.shape, RandomKey.from(parameter.size)));
}
