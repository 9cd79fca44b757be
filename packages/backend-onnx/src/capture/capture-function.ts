import * as tf from '@tensorflow/tfjs-core';
import { OnnxBackend } from '../backend';
import { elementTypeOf, type NumericType } from '../data-type';
import { CaptureError } from '../errors';
import { reachable } from '../reachable';
import { Capture } from '../recording/capture';
import { TensorData } from '../tensor-data';
import type { Node, Trace, Value } from '../trace';
import { describeResult, isNamedTensors } from './named-tensors';
import { VariableGuard } from './variable-guard';

/** A function of named tensors that gives one tensor or several named ones. */
export type TensorFunction<
  I extends tf.NamedTensorMap = tf.NamedTensorMap,
  O extends tf.Tensor | tf.NamedTensorMap = tf.Tensor | tf.NamedTensorMap,
> = (inputs: I) => O;

/** Shape and data type of a function's input. */
export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: tf.DataType;
}

/** A value of a captured graph that has a name outside of it. */
interface NamedValue {
  readonly name: string;
  readonly value: Value;
}

/** What a function computes for inputs of certain shapes. */
export interface CapturedGraph {
  /** The nodes that the outputs depend on, in order. */
  readonly nodes: readonly Node[];
  readonly inputs: readonly NamedValue[];
  readonly outputs: readonly NamedValue[];
  /** Whether the function gave a bare tensor; the output is called `output` then. */
  readonly isSingle: boolean;
  /** Inputs of the trace that stand for variables, and for tensors that were made from host arrays. */
  readonly sources: ReadonlyMap<Value, TensorData>;
  /** All data from outside that the graph depends on. */
  readonly dependencies: ReadonlySet<TensorData>;
  /** The kernel of TensorFlow.js that recorded each node. */
  readonly kernelNames: ReadonlyMap<Node, string>;
}

/**
 * The backend that TensorFlow.js now runs on.
 *
 * @throws CaptureError if it is another one
 */
export function currentOnnxBackend(): OnnxBackend {
  const backend = tf.backend();
  if (backend instanceof OnnxBackend) return backend;
  throw new CaptureError('Functions are captured on the backend onnx only.', {
    expected: 'the backend onnx',
    received: `the backend ${tf.getBackend()}`,
    hint: "Call registerOnnxBackend() and await tf.setBackend('onnx') first.",
  });
}

/**
 * Records what `fn` computes for inputs of these shapes, without computing it.
 *
 * @throws CaptureError if fn reads values that depend on its inputs, assigns or makes variables, or is asynchronous
 */
export function captureFunction(
  backend: OnnxBackend,
  fn: TensorFunction,
  specs: Readonly<Record<string, TensorSpec>>,
): CapturedGraph {
  const capture = new Capture();
  let captured: CapturedGraph | undefined;
  tf.tidy(() => {
    const guard = new VariableGuard();
    try {
      backend.captureTrace(capture, (trace) => {
        const inputs = Object.entries(specs).map(([name, spec]) => declareInput(backend, trace, name, spec));
        const result = fn(Object.fromEntries(inputs.map(({ name, tensor }) => [name, tensor])));
        const outputs = nameOutputs(result).map(({ name, tensor }) => ({ name, value: backend.valueInTrace(tensor) }));
        captured = {
          ...finish(trace, outputs),
          inputs: inputs.map(({ name, value }) => ({ name, value })),
          isSingle: result instanceof tf.Tensor,
          sources: capture.sources,
          dependencies: capture.dependencies,
          kernelNames: capture.kernelNames(trace),
        };
      });
    } finally {
      guard.check({ mayMake: false });
    }
  });
  return captured!;
}

/**
 * Calls a function once, for what it makes at its first call (variables of layers), and so that its own mistakes are
 * reported plainly.
 *
 * @throws CaptureError if it assigns variables
 */
export function warmUp(fn: TensorFunction, inputs: tf.NamedTensorMap): void {
  tf.tidy(() => {
    const guard = new VariableGuard();
    try {
      nameOutputs(fn(inputs));
    } finally {
      guard.check({ mayMake: true });
    }
  });
}

function declareInput(backend: OnnxBackend, trace: Trace, name: string, { shape, dtype }: TensorSpec) {
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
    throw new CaptureError(`The input ${name} cannot be part of a graph.`, {
      expected: 'float32, int32 or bool',
      received: dtype,
      hint: 'Encode strings and complex numbers outside of the function.',
    });
  }
  const data = new TensorData(dtype, [...shape]);
  const value = trace.input(null, elementTypeOf(dtype as NumericType), data.shape);
  data.value = value;
  data.traceId = trace.id;
  const info = { dataId: backend.adopt(data), shape: [...shape], dtype };
  return { name, value, tensor: tf.engine().makeTensorFromTensorInfo(info, backend) };
}

function nameOutputs(result: unknown): { name: string; tensor: tf.Tensor }[] {
  if (result instanceof tf.Tensor) return [{ name: 'output', tensor: result }];
  if (isNamedTensors(result)) return Object.entries(result).map(([name, tensor]) => ({ name, tensor }));
  throw new CaptureError('The function does not give tensors.', {
    expected: 'a tensor, or an object whose values are tensors',
    received: describeResult(result),
    hint: 'Return the tensors themselves, and compute them synchronously.',
  });
}

/** Gives every output a node of its own, and leaves out the nodes that no output depends on. */
function finish(trace: Trace, outputs: readonly NamedValue[]): Pick<CapturedGraph, 'nodes' | 'outputs'> {
  const taken = new Set<Value>();
  const own = outputs.map(({ name, value }) => {
    const isOwn = value.node !== null && !taken.has(value);
    taken.add(value);
    return { name, value: isOwn ? value : trace.add('Identity', [value], value.shape, value.type) };
  });
  const { nodes } = reachable(
    trace,
    own.map(({ value }) => value),
  );
  return { nodes, outputs: own };
}
