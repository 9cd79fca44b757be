import * as tf from '@tensorflow/tfjs-core';
import type { OnnxBackend } from '../backend';
import { currentOnnxBackend } from '../capture/capture-function';
import { describeResult, isNamedTensors } from '../capture/named-tensors';
import { ReplayError } from '../errors';
import { drawsAtRandom } from '../recording/draws-at-random';
import { Observation } from '../recording/observation';
import { TensorData } from '../tensor-data';
import { Cells, variablesByData } from './cells';
import { type Arguments, ReplayPlan, type Results, singleResult } from './replay-plan';

/** Options of {@link replay}. */
export interface ReplayOptions {
  /**
   * Most calls that are replayed until one is recorded, to see that the step is still the same (default 256). At first they are fewer: one,
   * two, four …
   */
  readonly verifyEvery?: number;
}

/** What a replayed step has done so far. */
export interface ReplayStatistics {
  /** Calls that were run without recording them. */
  readonly replayed: number;
  /** Calls that were recorded. */
  readonly recorded: number;
  /** Why calls with inputs of some shapes are never replayed. */
  readonly refusals: readonly string[];
}

/** A step that is replayed. */
export interface ReplayedStep<I extends tf.NamedTensorMap, O> {
  /**
   * Takes the step, and computes its result at once.
   *
   * @param variant a word for what else the code goes by, beside its inputs: calls of another one are another step over the same state
   */
  (inputs: I, variant?: string): O;
  statistics(): ReplayStatistics;
}

/**
 * Takes a training step many times without recording it anew: the calls of TensorFlow.js are left out, and only the
 * compiled program runs. It pays for small models, where recording takes as long as computing.
 *
 * The first three calls with inputs of certain shapes are recorded. From them it shows which state the step keeps (variables,
 * tensors that an optimiser holds) and replaces, and what it makes itself. Everything that differs from call to call
 * has to come in as an input, or from `hostScalars` of `@polymodal/nn`. A step that reads values midway, draws random numbers or keeps a
 * tensor that it does not read again cannot be replayed: then every call is recorded, and a warning says why.
 *
 * Code of the step does not run in a replayed call, so that a change of what it reads in JavaScript is not noticed until
 * the next recorded call; then a {@link ReplayError} says so. One is recorded after one that was replayed, the next after two, after four,
 * and so on, so that a step that goes by something else mostly ends before it has done much. To assign its variables, to load a checkpoint or to hold
 * on to its state with `clone` is noticed at once.
 *
 * ```ts
 * const weight = tf.variable(tf.zeros([16, 1]));
 * const step = replay(({ x, y }: { x: tf.Tensor; y: tf.Tensor }) => {
 *   const error = tf.sub(tf.matMul(x, weight), y);
 *   weight.assign(tf.sub(weight, tf.mul(0.01, tf.matMul(x, error, true))) as tf.Tensor2D);
 *   return tf.mean(tf.square(error));
 * });
 * for (let i = 0; i < 100; i++) tf.dispose(step({ x: tf.ones([8, 16]), y: tf.ones([8, 1]) }));
 * ```
 *
 * @param step from named tensors to a tensor, named tensors or nothing; synchronous
 * @throws ReplayError for what is no function, and for options that cannot be used
 */
export function replay<I extends tf.NamedTensorMap, O extends tf.Tensor | tf.NamedTensorMap | undefined>(
  step: (inputs: I) => O,
  options: ReplayOptions = {},
): ReplayedStep<I, O> {
  const { verifyEvery = 256 } = options ?? {};
  if (typeof step !== 'function' || !(typeof verifyEvery === 'number' && verifyEvery >= 1)) {
    throw new ReplayError('The step cannot be replayed.', {
      expected: 'a function, and for verifyEvery a number from 1',
      received: `a value of type ${typeof step}, and ${String(verifyEvery)}`,
      hint: 'For example: replay(({ x }) => tf.square(x), { verifyEvery: 100 }).',
    });
  }
  const replayer = new Replayer(step as unknown as Step, verifyEvery);
  return Object.assign((inputs: I, variant = '') => replayer.call(inputs, variant) as O, {
    statistics: () => replayer.statistics,
  });
}

type StepResult = tf.Tensor | tf.NamedTensorMap | undefined;
type Step = (inputs: tf.NamedTensorMap) => StepResult;

/** Of a step that comes ever differently, none comes back: those taken longest ago are forgotten. */
const maxPlans = 256;

class Replayer {
  /** In the order in which they were taken last. */
  readonly #plans = new Map<string, ReplayPlan>();
  readonly #cells = new Cells();
  #replayed = 0;
  #recorded = 0;
  #warned = false;

  readonly #step: Step;
  readonly #verifyEvery: number;

  constructor(step: Step, verifyEvery: number) {
    this.#step = step;
    this.#verifyEvery = verifyEvery;
  }

  get statistics(): ReplayStatistics {
    const refusals = [...this.#plans.values()].flatMap(({ refusal }) => refusal ?? []);
    return { replayed: this.#replayed, recorded: this.#recorded, refusals };
  }

  call(inputs: tf.NamedTensorMap, variant: string): StepResult {
    const backend = currentOnnxBackend();
    backend.flush();
    const given = new Map(Object.entries(inputs).map(([name, { dataId }]) => [name, backend.materialise(dataId)]));
    const plan = this.#planFor(backend, inputs, variant);
    if (plan.isReady && !plan.isDue(this.#verifyEvery)) {
      const outcome = plan.replay(given);
      if (outcome !== null) {
        this.#replayed++;
        return outcome.result;
      }
    }
    return this.#record(backend, plan, inputs, given);
  }

  #planFor(backend: OnnxBackend, inputs: tf.NamedTensorMap, variant: string): ReplayPlan {
    const names = new Map<tf.DataId, number>();
    const shapes = Object.entries(inputs)
      .map(([name, { shape, dtype, dataId }]) => {
        if (!names.has(dataId)) names.set(dataId, names.size); // one tensor given twice is another step
        return `${name}:${dtype}[${shape}]${names.get(dataId)}`;
      })
      .join();
    const key = `${shapes} ${variant}`;
    const plan = this.#plans.get(key) ?? new ReplayPlan(backend, this.#cells);
    this.#plans.delete(key);
    this.#plans.set(key, plan);
    for (const [oldest] of this.#plans) {
      if (this.#plans.size <= maxPlans) break;
      this.#plans.delete(oldest);
    }
    return plan;
  }

  #record(backend: OnnxBackend, plan: ReplayPlan, inputs: tf.NamedTensorMap, given: Arguments): StepResult {
    this.#recorded++;
    const isVerification = plan.isReady;
    const before = variablesByData(backend);
    const observation = new Observation(new Set(given.values()), TensorData.lastSerial);
    let result: StepResult;
    const isRandom = drawsAtRandom(() =>
      backend.observe(observation, () => {
        result = tf.tidy(() => this.#step(inputs) as tf.TensorContainer) as StepResult;
      }),
    );
    if (isRandom) observation.problem ??= 'it draws from Math.random';
    if (plan.refusal === null) {
      const results = named(result);
      const isSame = plan.learn(observation, given, results, before, variablesByData(backend));
      if (isVerification && !isSame) throw changed(plan.refusal);
      if (plan.refusal !== null && !observation.isInPieces) this.#warn(plan.refusal);
    }
    return result;
  }

  #warn(refusal: string): void {
    if (this.#warned) return;
    this.#warned = true;
    console.warn(`backend onnx: a step is recorded at every call instead of being replayed, because ${refusal}.`);
  }
}

function named(result: unknown): Results {
  if (result === undefined) return [];
  if (result instanceof tf.Tensor) return [{ name: singleResult, tensor: result }];
  if (isNamedTensors(result)) return Object.entries(result).map(([name, tensor]) => ({ name, tensor }));
  throw new ReplayError('The step does not give tensors.', {
    expected: 'a tensor, an object whose values are tensors, or nothing',
    received: describeResult(result),
    hint: 'Return the tensors themselves, and compute them synchronously.',
  });
}

function changed(refusal: string | null): ReplayError {
  return new ReplayError('A replayed step has become another one.', {
    expected: 'the program that the calls before ran',
    received:
      refusal === null
        ? 'another program, or other values in it'
        : `a step that cannot be replayed, because ${refusal}`,
    hint: 'Hand in as an input, or as host scalars, what differs from call to call; replay another function for another phase.',
  });
}
