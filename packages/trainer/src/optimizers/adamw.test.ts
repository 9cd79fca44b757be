import { readFileSync } from 'node:fs';
import { Parameter, ShapeError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { AdamW } from './adamw';
import { assignGroups } from './parameter-groups';

/** As tools/parity/optimizer.py writes it. */
interface Fixture {
  readonly betas: [number, number];
  readonly clip: number;
  readonly default: [learningRate: number, weightDecay: number];
  readonly groups: Readonly<Record<string, [learningRate: number, weightDecay: number]>>;
  readonly shapes: Readonly<Record<string, number[]>>;
  readonly initial: Readonly<Record<string, number[]>>;
  readonly steps: readonly {
    readonly gradients: Readonly<Record<string, number[]>>;
    readonly norm: number;
    readonly parameters: Readonly<Record<string, number[]>>;
  }[];
}

const fixture: Fixture = JSON.parse(readFileSync(new URL('../../fixtures/adamw.json', import.meta.url), 'utf8'));
const constant = { learningRate: (full: number) => full, clipGradientNorm: fixture.clip };

describe('AdamW', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('takes the steps of torch.optim.AdamW, with groups, clipping and parameters without a gradient', async () => {
    const { parameters, optimizer } = create();
    for (const [step, expected] of fixture.steps.entries()) {
      const norm = optimizer.update(gradientsOf(step), constant);
      // The reference is float64; a float32 sum over 18,000 squares in order errs by less than 1e-5 of it.
      expect(Math.abs((await norm.data())[0] / expected.norm - 1)).toBeLessThan(1e-5);
      for (const [path, values] of Object.entries(expected.parameters)) {
        const own = (await parameters.get(path)!.value.data()).slice(0, values.length);
        // Parameters are of order 1, so a float32 step rounds by 6e-8; twelve steps of at most 0.02 add little.
        values.forEach((value, i) => expect(Math.abs(own[i] - value)).toBeLessThan(3e-6));
      }
    }
  });

  it('goes on from a saved state with the same bytes', async () => {
    const straight = create();
    for (let step = 0; step < 6; step++) straight.optimizer.update(gradientsOf(step), constant);
    const resumed = create();
    for (const [path, parameter] of resumed.parameters) parameter.assign(straight.parameters.get(path)!.value);
    await copyState(straight.optimizer, resumed.optimizer);
    for (let step = 6; step < 12; step++) {
      straight.optimizer.update(gradientsOf(step), constant);
      resumed.optimizer.update(gradientsOf(step), constant);
    }
    for (const [path, parameter] of resumed.parameters) {
      expect(await parameter.value.data()).toEqual(await straight.parameters.get(path)!.value.data());
    }
  });

  it('computes with many small parameters as one tensor, and with each as often as it has a gradient', async () => {
    const { optimizer } = create();
    for (let step = 0; step < 3; step++) optimizer.update(gradientsOf(step), constant);
    const steps = Object.fromEntries(optimizer.bundles.map((own) => [own.paths.join(' '), own.steps]));
    expect(steps).toEqual({
      'encoders.text.weight': 3,
      'encoders.image.weight': 2,
      'heads.a.weight': 3,
      'heads.a.bias': 3, // with the gate until step 3, where only one of them has a gradient
      'heads.a.gate': 2,
      'heads.a.projection': 3,
    });
  });

  it('keeps no state for a frozen parameter and leaves it alone', async () => {
    const parameters = parametersOf();
    parameters.get('heads.a.bias')!.trainable = false;
    const before = await parameters.get('heads.a.bias')!.value.data();
    const optimizer = optimizerOf(parameters);
    const { 'heads.a.bias': _, ...gradients } = gradientsOf(0);
    optimizer.update(gradients, constant);
    expect(optimizer.bundles.flatMap(({ paths }) => paths)).not.toContain('heads.a.bias');
    expect(await parameters.get('heads.a.bias')!.value.data()).toEqual(before);
  });

  it('frees all that it makes', () => {
    const { optimizer } = create();
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      for (let step = 0; step < 4; step++) optimizer.update(gradientsOf(step), constant);
    });
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses a state of other parameters', async () => {
    const { optimizer } = create();
    const parameters = parametersOf();
    parameters.get('heads.a.bias')!.trainable = false;
    await expect(copyState(optimizer, optimizerOf(parameters))).rejects.toThrow(/heads\.a\.bias/);
  });

  it('refuses a state that is not complete, and keeps its own', async () => {
    const { optimizer } = create();
    optimizer.update(gradientsOf(0), constant);
    const before = tf.memory().numTensors;
    const restoring = optimizer.restore(optimizer.bundles, async (take) => {
      const [first] = optimizer.moments();
      take(first.name, { shape: first.shape, data: (await first.read()).slice() });
    });
    await expect(restoring).rejects.toThrow(/received a state without second\.0/);
    expect(tf.memory().numTensors).toBe(before);
    optimizer.update(gradientsOf(1), constant);
  });

  it('refuses options and gradients that it would pass over', () => {
    const { optimizer } = create();
    const [options, gradients] = [constant, gradientsOf(0)];
    expect(() => new AdamW([], { betas: [0.9, 0.999], epsilon: 1e-8, epsilom: 1 } as never)).toThrow(
      /"epsilom"\. Did you mean "epsilon"/,
    );
    expect(() => new AdamW([], { betas: [0.9, 1], epsilon: 1e-8 })).toThrow(/AdamW\.betas/);
    expect(() => optimizer.update(gradients, { ...options, learningrate: 1 } as never)).toThrow(/"learningRate"/);
    const misspelt = { ...gradients, 'heads.a.wieght': tf.zeros([1]) };
    expect(() => optimizer.update(misspelt, options)).toThrow(/"heads\.a\.weight"/);
    expect(() => optimizer.update({ 'heads.a.bias': tf.zeros([1, 1, 1]) }, options)).toThrow(ShapeError);
  });
});

async function copyState(from: AdamW, to: AdamW): Promise<void> {
  await to.restore(from.bundles, async (take) => {
    for (const { name, shape, read } of from.moments()) take(name, { shape, data: (await read()).slice() });
  });
}

function create() {
  const parameters = parametersOf();
  return { parameters, optimizer: optimizerOf(parameters) };
}

function optimizerOf(parameters: ReadonlyMap<string, Parameter>): AdamW {
  const groups = Object.entries(fixture.groups).map(([match, [learningRate, weightDecay]]) => ({
    match,
    learningRate,
    weightDecay,
  }));
  const [learningRate, weightDecay] = fixture.default;
  const members = assignGroups({ parameters: () => new Map(parameters), modules: () => new Map() }, groups, {
    learningRate,
    weightDecay,
  });
  return new AdamW(members, { betas: fixture.betas, epsilon: 1e-8 });
}

function parametersOf(): Map<string, Parameter> {
  return new Map(
    Object.entries(fixture.shapes).map(([path, shape]) => {
      const parameter = new Parameter(shape, () => new Float32Array());
      parameter.assignValues(fixture.initial[path] ? Float32Array.from(fixture.initial[path]) : pattern(0));
      return [path, parameter];
    }),
  );
}

function gradientsOf(step: number): Record<string, tf.Tensor> {
  const small = Object.entries(fixture.steps[step].gradients).map(([path, values]) => [
    path,
    tf.tensor(values, fixture.shapes[path]),
  ]);
  return { ...Object.fromEntries(small), 'heads.a.weight': tf.tensor(pattern(step), fixture.shapes['heads.a.weight']) };
}

/** The gradient of the large parameter, and its first value: the same as in tools/parity/optimizer.py. */
function pattern(step: number): Float32Array {
  return Float32Array.from({ length: 150 * 120 }, (_, i) => (((31 * i + 17 * step) % 64) - 31.5) / 4096);
}
