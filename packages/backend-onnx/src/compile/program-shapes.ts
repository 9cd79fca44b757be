import type * as tf from '@tensorflow/tfjs-core';
import { CaptureError } from '../errors';
import { shapeAt } from '../export/dynamic-sizes';
import { evaluate, fitSize, type SizeExpression } from '../export/size-expression';
import type { SizedGraphs } from '../export/trace-at-sizes';

type Sizes = Readonly<Record<string, number>>;

/** The shapes of a program's inputs and outputs, by the sizes of its dynamic axes. */
export class ProgramShapes {
  readonly #inputs: ReadonlyMap<string, readonly number[]>;
  readonly #outputs: ReadonlyMap<string, readonly SizeExpression[]>;

  readonly #traced: SizedGraphs;

  constructor(traced: SizedGraphs) {
    this.#traced = traced;
    const { graphs, grid } = traced;
    const [first] = graphs;
    this.#inputs = new Map(first!.inputs.map(({ name, value }) => [name, value.shape]));
    this.#outputs = new Map(
      first!.outputs.map(({ name, value }, i) => {
        const sizesAt = (axis: number) => graphs.map(({ outputs }) => outputs[i]!.value.shape[axis]!);
        return [name, value.shape.map((_, axis) => fitSize(grid, sizesAt(axis))!)]; // they fit, or there were no program
      }),
    );
  }

  /** The named sizes of inputs. @throws CaptureError if axes of one name differ */
  sizesOf(inputs: tf.NamedTensorMap): Sizes {
    const sizes: Record<string, number> = {};
    for (const [input, names] of Object.entries(this.#traced.axes)) {
      for (const [axis, name] of Object.entries(names)) {
        const size = inputs[input]!.shape[Number(axis)]!;
        sizes[name] ??= size;
        if (sizes[name] !== size) refuse(name, sizes[name], `${size} at axis ${axis} of ${input}`);
      }
    }
    return sizes;
  }

  ofInput(name: string, sizes: Sizes): number[] {
    return shapeAt(this.#inputs.get(name)!, this.#traced.axes[name], sizes);
  }

  ofOutput(name: string, sizes: Sizes): number[] {
    const values = this.#traced.grid.names.map((own) => sizes[own]!);
    return this.#outputs.get(name)!.map((size) => evaluate(size, values));
  }
}

function refuse(name: string, expected: number, received: string): never {
  throw new CaptureError(`The axes called ${name} differ.`, {
    expected: `one size, ${expected}`,
    received,
    hint: 'Give axes that differ different names in dynamicAxes.',
  });
}
