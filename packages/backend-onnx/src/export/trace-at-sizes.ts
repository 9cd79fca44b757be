import type { OnnxBackend } from '../backend';
import { type CapturedGraph, captureFunction, type TensorFunction, type TensorSpec } from '../capture/capture-function';
import { ExportError } from '../errors';
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
    // What a part of a model throws at a size may be no fault at the sizes that it is for.
    if (cause instanceof Error && 'code' in cause && cause.code !== 'PART') throw cause;
    throw new ExportError('The function fails at a size that it was traced at.', {
      expected: `a function that takes ${JSON.stringify(sizes)}`,
      received: cause instanceof Error ? cause.message : String(cause),
      hint: 'Say with traceSizes which sizes the function takes, or give a larger example.',
      cause,
    });
  }
}

function sourceOf(name: string, axes: DynamicAxes): SizeSource {
  for (const [input, names] of Object.entries(axes)) {
    for (const [axis, other] of Object.entries(names)) if (other === name) return { name, input, axis: Number(axis) };
  }
  throw new RangeError(`no axis is called ${name}`);
}
