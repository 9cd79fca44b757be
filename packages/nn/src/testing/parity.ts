import { readFileSync } from 'node:fs';
import { type Context, inferenceContext, type Module, mapRecord } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { describeOnEveryBackend } from './every-backend';
import { expectClose } from './expect-close';

/**
 * The reference is computed in float64, so this is our own float32 error: some 50 terms of order 1 in each sum give less
 * than 50 · 2⁻²⁴ = 3e-6, and the rational erf of tfjs adds up to 1.5e-7 for each activation.
 */
const tolerance = 1e-5;

/** A tensor of a fixture. */
interface FixtureTensor {
  readonly shape: number[];
  readonly data: number[];
  readonly dtype?: 'float32' | 'int32';
}

type FixtureTensors = Readonly<Record<string, FixtureTensor>>;

/** One case of `fixtures/*.json`, as tools/parity/nn.py writes it. */
interface FixtureCase<Config> {
  readonly name: string;
  readonly config: Config;
  readonly inputs: FixtureTensors;
  readonly parameters: FixtureTensors;
  readonly output: FixtureTensor;
  readonly cotangent: FixtureTensor;
  readonly inputGradients: FixtureTensors;
  readonly parameterGradients: FixtureTensors;
}

/** How a case of a fixture is run. */
export interface Parity<Config, Layer extends Module> {
  readonly create: (config: Config) => Layer;
  readonly forward: (layer: Layer, inputs: Readonly<Record<string, tf.Tensor>>, context: Context) => tf.Tensor;
}

/** Compares a layer with PyTorch on every case of a fixture: its output, and the gradient of every parameter and input. */
export function describeParity<Config, Layer extends Module>(fixture: string, parity: Parity<Config, Layer>): void {
  const path = new URL(`../../fixtures/${fixture}.json`, import.meta.url);
  const cases = JSON.parse(readFileSync(path, 'utf8')) as FixtureCase<Config>[];
  describeOnEveryBackend(fixture, () => {
    it.each(cases)('agrees with PyTorch, forward and gradient: $name', (fixtureCase) => {
      tf.tidy(() => compare(fixtureCase, parity));
    });
  });
}

function compare<Config, Layer extends Module>(fixture: FixtureCase<Config>, parity: Parity<Config, Layer>): void {
  const layer = parity.create(fixture.config);
  const parameters = assignParameters(layer, fixture.parameters);
  const inputs = mapRecord(fixture.inputs, toTensor);
  const variables = mapRecord(fixture.inputGradients, (_, name) => tf.variable(inputs[name]));

  let output: tf.Tensor | undefined;
  const { grads } = tf.variableGrads(() => {
    output = tf.keep(parity.forward(layer, { ...inputs, ...variables }, inferenceContext()));
    return tf.sum(tf.mul(output, toTensor(fixture.cotangent))) as tf.Scalar;
  }, [...Object.values(parameters), ...Object.values(variables)]);

  expectTensor(output, fixture.output);
  for (const [name, variable] of Object.entries(variables)) {
    expectTensor(grads[variable.name], fixture.inputGradients[name]);
  }
  for (const [name, variable] of Object.entries(parameters)) {
    expectTensor(grads[variable.name], fixture.parameterGradients[name]);
  }
  output?.dispose();
  layer.dispose();
  for (const variable of Object.values(variables)) variable.dispose();
}

/** Gives every parameter its value of the fixture. Each is used, and none is left over. @returns those that are trained */
function assignParameters(layer: Module, values: FixtureTensors): Record<string, tf.Variable> {
  const parameters = layer.parameters();
  expect([...parameters.keys()].sort()).toEqual(Object.keys(values).sort());
  const variables: Record<string, tf.Variable> = {};
  for (const [path, parameter] of parameters) {
    parameter.assign(toTensor(values[path]));
    if (parameter.trainable) variables[path] = parameter.value;
  }
  return variables;
}

function toTensor({ data, shape, dtype = 'float32' }: FixtureTensor): tf.Tensor {
  return tf.tensor(data, shape, dtype);
}

function expectTensor(actual: tf.Tensor | undefined, expected: FixtureTensor): void {
  expect(actual?.shape).toEqual(expected.shape);
  expectClose(actual?.dataSync() ?? [], expected.data, tolerance);
}
