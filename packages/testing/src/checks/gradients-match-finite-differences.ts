import { inferenceContext, type Module, type Parameter, RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { BuiltModule, ModuleCase } from '../cases/module-case';
import { type Backward, backward } from '../compare/backward';
import { perturbParameters } from '../compare/perturb-parameters';
import { ConformanceError } from '../conformance-error';

/** How far derivative and difference may lie apart, relative to the larger of them: the error of central differences. */
const relativeTolerance = 0.02;
/** Steps to try, relative to the size of a parameter: large ones suffer from curvature, small ones from rounding. */
const steps = [1e-1, 3e-2, 1e-2, 3e-3];
/** What to try first where the loss hardly changes, and rounding would hide a wrong derivative. */
const largeSteps = [3, 1, 3e-1];
/** What to try last, where rounding hides nothing even so: large steps cross the kinks of many ReLUs. */
const smallSteps = [1e-3, 3e-4, 1e-4];
/** Rounding of the two losses that a difference is taken of, in float32 and with a sum behind each. */
const lossRounding = 8 * 2 ** -24;
/** How many parameters get a look of their own; all of them together always get one. */
const sampledParameters = 10;

/**
 * Derivatives agree with central differences of the loss: of all parameters together along random directions, and of
 * sampled parameters each along its gradient (which shows a wrong scale) and along a random direction (which shows a
 * missing part). The doubles that feed the part are included, so the gradient that it hands on is checked as well.
 */
export async function gradientsMatchFiniteDifferences(subject: ModuleCase): Promise<void> {
  const key = RandomKey.from(0).fold('finite differences');
  const built = subject.build();
  try {
    perturbParameters(built.whole, key.fold('perturb'));
    const analytic = await backward(built.whole, () => built.loss(inferenceContext()));
    const parameters = trainable(built.whole);
    if (parameters.size === 0) return;
    for (const round of [0, 1]) {
      await compare(subject, built, analytic, randomDirection(parameters, key.fold('all').fold(round)));
    }
    for (const path of sample([...trainable(built.module, built.whole).keys()], key.fold('sample'))) {
      const one = new Map([[path, parameters.get(path)!]]);
      await compare(subject, built, analytic, alongGradient(one, analytic));
      await compare(subject, built, analytic, randomDirection(one, key.fold(path)));
    }
  } finally {
    built.dispose();
  }
}

/** For each parameter that moves: which one, and how its elements move, each by about 1. */
type Direction = ReadonlyMap<string, { readonly parameter: Parameter; readonly move: Float32Array }>;

/** The trainable parameters of a module, under their paths in `root`. */
function trainable(module: Module, root = module): Map<string, Parameter> {
  const own = new Set(module.parameters().values());
  return new Map([...root.parameters()].filter(([, parameter]) => own.has(parameter) && parameter.trainable));
}

function sample(paths: readonly string[], key: RandomKey): string[] {
  return [...key.shuffle(paths.length)].slice(0, sampledParameters).map((index) => paths[index]);
}

function randomDirection(parameters: ReadonlyMap<string, Parameter>, key: RandomKey): Direction {
  return new Map([...parameters].map(([path, p]) => [path, { parameter: p, move: key.fold(path).normal(p.size) }]));
}

function alongGradient(parameters: ReadonlyMap<string, Parameter>, { gradients }: Backward): Direction {
  return new Map(
    [...parameters].map(([path, parameter]) => {
      const gradient = Float32Array.from(gradients[path]?.data ?? new Float32Array(parameter.size));
      const size = Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0) / parameter.size);
      return [path, { parameter, move: size > 0 ? gradient.map((value) => value / size) : gradient }];
    }),
  );
}

async function compare(
  subject: ModuleCase,
  built: BuiltModule,
  analytic: Backward,
  direction: Direction,
): Promise<void> {
  const scale = Math.max(0.1, rootMeanSquare(await magnitudes(direction)));
  const derivative = directionalDerivative(analytic, direction);
  const noise = lossRounding * Math.max(Math.abs(analytic.loss), 1);
  const hidden = noise / (steps[0] * scale) > relativeTolerance * Math.abs(derivative);
  const tried: string[] = [];
  const telling = smallSteps.filter((step) => noise / (step * scale) <= relativeTolerance * Math.abs(derivative));
  for (const step of [...(hidden ? largeSteps : []), ...steps, ...telling].map((relative) => relative * scale)) {
    const difference = await centralDifference(built, direction, step);
    const rounding = noise / step;
    const allowed = relativeTolerance * Math.max(Math.abs(derivative), Math.abs(difference)) + rounding;
    if (Math.abs(derivative - difference) <= allowed) return;
    tried.push(`${difference.toPrecision(4)} (step ${step.toPrecision(1)})`);
  }
  const paths = [...direction.keys()];
  throw new ConformanceError({
    where: `${subject.name}, gradient of ${paths.length === 1 ? paths[0] : 'all parameters together'}`,
    expected: `about ${tried.join(', ')} by finite differences`,
    received: derivative.toPrecision(4),
    hint: 'Look at custom gradients, and at operations that cut the gradient off.',
  });
}

function directionalDerivative({ gradients }: Backward, direction: Direction): number {
  let sum = 0;
  for (const [path, { move }] of direction) {
    const gradient = gradients[path]?.data;
    if (gradient) for (let i = 0; i < move.length; i++) sum += gradient[i] * move[i];
  }
  return sum;
}

async function centralDifference(built: BuiltModule, direction: Direction, step: number): Promise<number> {
  const above = await lossAt(built, direction, step);
  const below = await lossAt(built, direction, -step);
  return (above - below) / (2 * step);
}

async function lossAt(built: BuiltModule, direction: Direction, step: number): Promise<number> {
  const before = new Map([...direction.values()].map(({ parameter }) => [parameter, parameter.value.clone()]));
  tf.tidy(() => {
    for (const { parameter, move } of direction.values()) {
      const offset = tf.tensor(
        move.map((value) => value * step),
        [...parameter.shape],
      );
      parameter.assign(tf.add(parameter.value, offset));
    }
  });
  const loss = tf.tidy(() => built.loss(inferenceContext()));
  const [value] = await loss.data();
  loss.dispose();
  for (const [parameter, tensor] of before) {
    parameter.assign(tensor);
    tensor.dispose();
  }
  return value;
}

async function magnitudes(direction: Direction): Promise<Float32Array> {
  const values = await Promise.all([...direction.values()].map(({ parameter }) => parameter.value.data()));
  return Float32Array.from(values.flatMap((data) => [...data]));
}

function rootMeanSquare(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}
