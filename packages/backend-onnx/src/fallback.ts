import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { OnnxBackend } from './backend';
import { type HostArray, type NumericType, newArray, type TensorArray } from './data-type';
import { KernelUnavailableError } from './errors';
import type { NamedTensors } from './kernels/native-kernel';
import { TensorData } from './tensor-data';

// What is fallen back on. The package registers itself when it is imported; but its list of files that have effects lacks its build
// for Node, so bundlers leave it out unless something of it is used.
if (!tf.findBackendFactory('cpu')) tf.registerBackend('cpu', () => new MathBackendCPU(), 1);

/** The parts of TensorFlow.js's cpu backend that are used here. */
interface CpuBackend extends tf.KernelBackend {
  firstUse: boolean;
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: tf.BackendValues | null): tf.TensorInfo;
  disposeIntermediateTensorInfo(tensor: tf.TensorInfo): void;
  readonly data: {
    get(dataId: tf.DataId): {
      values: HostArray | Uint8Array[] | number[];
      complexTensorInfos?: { real: tf.TensorInfo; imag: tf.TensorInfo };
    };
  };
}

/**
 * Runs a kernel on TensorFlow.js's cpu backend: reads the inputs (which runs what has been recorded), and brings the
 * outputs back. All data types pass, strings and complex numbers too.
 *
 * @throws KernelUnavailableError if the cpu backend does not know the kernel either
 */
export function runOnCpu(
  backend: OnnxBackend,
  kernelName: string,
  inputs: NamedTensors,
  attributes: tf.NamedAttrMap | undefined,
): tf.TensorInfo | tf.TensorInfo[] {
  const kernel = tf.getKernel(kernelName, 'cpu');
  const cpu = tf.findBackend('cpu') as CpuBackend | null;
  if (kernel === undefined || cpu === null) {
    throw new KernelUnavailableError(`Kernel ${kernelName} cannot run with these inputs.`, {
      expected: 'data types and shapes that run natively, or a kernel of the cpu backend to fall back on',
      received: Object.entries(inputs)
        .map(([name, tensor]) => `${name}: ${tensor?.dtype}[${tensor?.shape}]`)
        .join(', '),
      hint: 'Cast the inputs to float32, or compute this part with other operations.',
    });
  }
  cpu.firstUse = false; // or it would advise, on its first tensor, to install another backend
  backend.countFallback(kernelName);
  const lent: tf.TensorInfo[] = [];
  const lend = (input: tf.TensorInfo | tf.TensorInfo[] | null | undefined): unknown => {
    if (input == null) return input;
    if (Array.isArray(input)) return input.map(lend); // ragged kernels have lists among their inputs
    const copy = toCpu(backend, cpu, input);
    lent.push(copy);
    // Some cpu kernels take their inputs for whole tensors.
    return { ...copy, rank: copy.shape.length, size: tf.util.sizeFromShape(copy.shape) };
  };
  const cpuInputs = Array.isArray(inputs)
    ? inputs.map(lend)
    : Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, lend(tensor)]));
  try {
    const result = kernel.kernelFunc({
      inputs: cpuInputs as tf.NamedTensorInfoMap,
      attrs: attributes,
      backend: cpu,
    });
    return Array.isArray(result)
      ? result.map((output) => fromCpu(backend, cpu, output))
      : fromCpu(backend, cpu, result);
  } finally {
    for (const tensor of lent) cpu.disposeIntermediateTensorInfo(tensor);
  }
}

/** Hands a tensor's values to the cpu backend, which only reads them: they are not copied. */
function toCpu(backend: OnnxBackend, cpu: CpuBackend, tensor: tf.TensorInfo): tf.TensorInfo {
  const { values, strings, complex } = backend.materialise(tensor.dataId);
  if (complex === null)
    return cpu.makeTensorInfo(tensor.shape, tensor.dtype, (values as TensorArray | null) ?? strings);
  const real = cpu.makeTensorInfo(tensor.shape, 'float32', complex.real);
  const imag = cpu.makeTensorInfo(tensor.shape, 'float32', complex.imaginary);
  const whole = tf.getKernel('Complex', 'cpu').kernelFunc({ inputs: { real, imag }, backend: cpu }) as tf.TensorInfo;
  cpu.disposeIntermediateTensorInfo(real);
  cpu.disposeIntermediateTensorInfo(imag);
  return whole;
}

/** Brings an output back; always a copy, since cpu kernels hand out their inputs' arrays, or windows of them. */
function fromCpu(backend: OnnxBackend, cpu: CpuBackend, output: tf.TensorInfo): tf.TensorInfo {
  const { shape, dtype } = output;
  const data = new TensorData(dtype, shape);
  const { values, complexTensorInfos } = cpu.data.get(output.dataId);
  if (complexTensorInfos !== undefined) {
    const part = ({ dataId }: tf.TensorInfo) => Float32Array.from(cpu.data.get(dataId).values as HostArray);
    data.complex = { real: part(complexTensorInfos.real), imaginary: part(complexTensorInfos.imag) };
  } else if (dtype === 'string') data.strings = [...(values as Uint8Array[])];
  else {
    data.values = newArray(dtype as NumericType, values.length);
    data.values.set(values as HostArray);
  }
  cpu.disposeIntermediateTensorInfo(output);
  return { dataId: backend.adopt(data), shape, dtype };
}
