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
  const free = new FreeSizes(Object.values(options.traceSizes ?? {}));
  const chosen = new Map<string, readonly [number, number, number]>();
  // Long ones first: below them there is room, and what is short at the example may be bounded near it.
  for (const [name, size] of [...examples].sort(([, a], [, b]) => b - a)) {
    const given = options.traceSizes?.[name];
    if (given && new Set(given).size < 3) refuse(`traceSizes of ${name}`, 'three different sizes', `[${given}]`);
    const [first, second, check] = given ?? free.near(size);
    chosen.set(name, [first, second, options.maxSizes?.[name] ?? check]);
  }
  const names = [...examples.keys()];
  return { axes, grid: { names, sizes: names.map((name) => chosen.get(name)!) } };
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
const smallestExample = 4;

/**
 * Sizes for axes. In no combination of a grid may two axes have one size, since equal ones mislead: what expressions are fitted at is each
 * axis's own, and so is what they are checked at, among those of the check.
 */
class FreeSizes {
  readonly #fitted: Set<number>;
  readonly #checked: Set<number>;

  /** @param given those of axes for which they are chosen already */
  constructor(given: readonly (readonly [number, number, number])[]) {
    this.#fitted = new Set(given.flatMap((sizes) => sizes.slice(0, 2)));
    this.#checked = new Set(given.map(([, , check]) => check));
  }

  /** Two to fit at, and one to check at, not above the example's where there are so many: the function may take no larger ones. */
  near(size: number): [number, number, number] {
    const top = Math.max(size, smallestExample);
    const first = this.#take(this.#fitted, top, []);
    const second = this.#take(this.#fitted, top, []);
    return [first, second, this.#take(this.#checked, top, [first, second])];
  }

  #take(taken: Set<number>, top: number, others: readonly number[]): number {
    const isFree = (size: number) => !taken.has(size) && !others.includes(size);
    let size = top;
    while (size >= 2 && !isFree(size)) size--;
    if (size < 2) for (size = top + 1; !isFree(size); ) size++;
    taken.add(size);
    return size;
  }
}

function refuse(what: string, expected: string, received: string): never {
  throw new ExportError(`The options do not fit the example: ${what}.`, {
    expected,
    received,
    hint: 'Axes are given as { input: { axis: name } }, sizes as { name: … }.',
  });
}
