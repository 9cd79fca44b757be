import { CaptureError } from '../errors';
import type { TensorData } from '../tensor-data';
import type { Node, Trace, Value } from '../trace';

/** Watches what a function does while it is recorded, and refuses what a graph cannot express. */
export class Capture {
  /** Inputs of the trace that stand for data from outside: variables, and tensors made from host arrays. */
  readonly sources = new Map<Value, TensorData>();
  /** All data from outside that the graph depends on, also where it was only read. */
  readonly dependencies = new Set<TensorData>();
  readonly #kernels: { readonly start: number; readonly name: string }[] = [];

  /** Notes that the nodes from position `start` on belong to this kernel. */
  enter(kernelName: string, start: number): void {
    this.#kernels.push({ start, name: kernelName });
  }

  /** Notes that an input of the trace stands for this data. */
  hold(value: Value, data: TensorData): void {
    this.sources.set(value, data);
    this.dependOn(data);
  }

  /** Notes that values were read on the way. */
  dependOn(data: TensorData): void {
    data.pinned = true;
    this.dependencies.add(data);
  }

  /** The kernel that recorded each node of the trace. */
  kernelNames(trace: Trace): Map<Node, string> {
    const names = new Map<Node, string>();
    let kernel = -1;
    trace.nodes.forEach((node, position) => {
      while (kernel + 1 < this.#kernels.length && this.#kernels[kernel + 1]!.start <= position) kernel++;
      names.set(node, this.#kernels[kernel]?.name ?? node.operator);
    });
    return names;
  }

  /** @throws CaptureError */
  refuseRead(): never {
    const kernel = this.#kernels.at(-1)?.name;
    throw new CaptureError('The function reads values of a tensor that depends on its inputs.', {
      expected: 'tensor operations only',
      received: kernel === undefined ? 'a read before the first kernel' : `a read at or after the kernel ${kernel}`,
      hint: 'Leave out dataSync, data, array and print, and kernels that run on the cpu (the README lists them).',
    });
  }

  /** @throws CaptureError */
  refuseNesting(): never {
    throw new CaptureError('A function is captured while another one is.', {
      expected: 'one capture at a time',
      received: 'a captured function that exports or compiles a function for the first time',
      hint: 'Call the inner function as it is.',
    });
  }
}
