import type { OnnxBackend } from '../backend';
import { type CapturedGraph, captureFunction, type TensorFunction, type TensorSpec } from '../capture/capture-function';
import { ExportError, OnnxBackendError } from '../errors';
import { type DynamicAxes, dynamicSizes, type SizeOptions, shapeAt } from './dynamic-sizes';
import type { SizeSource } from './graph-builder';
import { combinationsOf, type SizeGrid } from './size-expression';

/** What a function gives at the sizes of a grid. */
export interface SizedGraphs {
  /** In the order of the grid's combinations. */
  readonly graphs: readonly CapturedGraph[];
  readonly grid: SizeGrid;
  readonly axes: DynamicAxes;
  /** Where each named size can be read, in the order of the grid's names. */
  readonly sources: readonly SizeSource[];
}

/**
 * Records a function at several sizes of each axis that may vary.
 *
 * @throws CaptureError as captureFunction does
 * @throws ExportError if the function fails at a size, or the options name what is not there
 */
export function traceAtSizes(
  backend: OnnxBackend,
  fn: TensorFunction,
  example: Readonly<Record<string, TensorSpec>>,
  options: SizeOptions,
): SizedGraphs {
  const { grid, axes } = dynamicSizes(example, options);
  const graphs = combinationsOf(grid).map((sizes) => {
    const specs = Object.entries(example).map(([name, { shape, dtype }]) => {
      return [name, { dtype, shape: shapeAt(shape, axes[name], sizes) }] as const;
    });
    return traceAt(sizes, () => captureFunction(backend, fn, Object.fromEntries(specs)));
  });
  return { graphs, grid, axes, sources: grid.names.map((name) => sourceOf(name, axes)) };
}

function traceAt(sizes: Readonly<Record<string, number>>, trace: () => CapturedGraph): CapturedGraph {
  try {
    return trace();
  } catch (cause) {
    if (OnnxBackendError.isInstance(cause)) throw cause; // it says what it is at any size
    throw new ExportError('The function fails at a size that it was traced at.', {
      expected: `a function that takes ${JSON.stringify(sizes)}`,
      received: thrownBy(cause),
      hint: 'Say with traceSizes three sizes that it takes, or leave an axis that does not have so many out of dynamicAxes: it keeps the size of the example.',
      cause,
    });
  }
}

/** What failed; of an error that says of a part that it did, what that threw. */
function thrownBy(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.cause.message} (${error.message.split(':')[0]})` : error.message;
}

function sourceOf(name: string, axes: DynamicAxes): SizeSource {
  for (const [input, names] of Object.entries(axes)) {
    for (const [axis, other] of Object.entries(names)) if (other === name) return { name, input, axis: Number(axis) };
  }
  throw new RangeError(`no axis is called ${name}`);
}
