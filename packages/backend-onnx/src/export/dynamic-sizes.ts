import type { TensorSpec } from '../capture/capture-function';
import { ExportError } from '../errors';
import type { SizeGrid } from './size-expression';

/** Names of sizes that may vary, by input and axis. */
export type DynamicAxes = Readonly<Record<string, Readonly<Record<number, string>>>>;

/** How axes vary, as `ExportOptions` and `CompileOptions` have it. */
export interface SizeOptions {
  readonly dynamicAxes?: DynamicAxes | undefined;
  readonly traceSizes?: Readonly<Record<string, readonly [number, number, number]>> | undefined;
  readonly maxSizes?: Readonly<Record<string, number>> | undefined;
}

/** Shapes by the names of inputs. */
type Shapes = Readonly<Record<string, Pick<TensorSpec, 'shape'>>>;

/**
 * The named sizes of an export, and those to trace at.
 *
 * @throws ExportError if an axis or a size is named that is not there
 */
export function dynamicSizes(example: Shapes, options: SizeOptions): { axes: DynamicAxes; grid: SizeGrid } {
  const axes = options.dynamicAxes ?? batchAxes(example);
  const examples = exampleSizes(example, axes);
  for (const given of ['traceSizes', 'maxSizes'] as const) {
    for (const name of Object.keys(options[given] ?? {})) {
      if (!examples.has(name)) refuse(`${given} names a size`, [...examples.keys()].join(', ') || 'none', name);
    }
  }
  const taken = new Set<number>();
  const sizes = [...examples].map(([name, size]) => {
    const chosen = options.traceSizes?.[name] ?? sizesNear(size, taken);
    if (new Set(chosen).size < 3) refuse(`traceSizes of ${name}`, 'three different sizes', `[${chosen}]`);
    for (const one of chosen) taken.add(one);
    const largest = options.maxSizes?.[name];
    return largest === undefined ? chosen : ([chosen[0], chosen[1], largest] as const);
  });
  return { axes, grid: { names: [...examples.keys()], sizes } };
}

/** The shape with its named axes at these sizes. */
export function shapeAt(
  shape: readonly number[],
  axes: Readonly<Record<number, string>> | undefined,
  sizes: Readonly<Record<string, number>>,
): number[] {
  return shape.map((size, axis) => (axes?.[axis] === undefined ? size : sizes[axes[axis]]!));
}

function batchAxes(example: Shapes): DynamicAxes {
  const withAxes = Object.entries(example).filter(([, { shape }]) => shape.length > 0);
  return Object.fromEntries(withAxes.map(([name]) => [name, { 0: 'batch' }]));
}

function exampleSizes(example: Shapes, axes: DynamicAxes): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const [input, names] of Object.entries(axes)) {
    const shape = example[input]?.shape;
    if (shape === undefined) refuse('dynamicAxes names an input', Object.keys(example).join(', '), input);
    for (const [axis, name] of Object.entries(names)) {
      const size = shape[Number(axis)];
      if (size === undefined) refuse(`dynamicAxes of ${input}`, `axes below ${shape.length}`, axis);
      if (sizes.has(name) && sizes.get(name) !== size) {
        refuse(
          `the example's axes called ${name}`,
          `one size, ${sizes.get(name)}`,
          `${size} at axis ${axis} of ${input}`,
        );
      }
      sizes.set(name, size);
    }
  }
  return sizes;
}

/** At least this large, so that there are three sizes beyond 1, at which broadcasting makes another graph. */
const smallestExample = 5;

/** Three sizes not above the example's, since the function may take no larger ones, and not taken: equal sizes mislead. */
function sizesNear(size: number, taken: ReadonlySet<number>): [number, number, number] {
  const top = Math.max(size, smallestExample);
  const free: number[] = [];
  for (let candidate = top; candidate >= 2 && free.length < 3; candidate--)
    if (!taken.has(candidate)) free.push(candidate);
  for (let candidate = top + 1; free.length < 3; candidate++) if (!taken.has(candidate)) free.push(candidate);
  return free as [number, number, number];
}

function refuse(what: string, expected: string, received: string): never {
  throw new ExportError(`The options do not fit the example: ${what}.`, {
    expected,
    received,
    hint: 'Axes are given as { input: { axis: name } }, sizes as { name: … }.',
  });
}
