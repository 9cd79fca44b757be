import { parse, relative, resolve } from 'node:path';
import { elementCount } from '../element-count';
import { ElementType } from '../onnx/element-type';
import type { ConstantDefinition } from '../onnx/model-writer';
import { isUnchanged, readStoredValues, type StoredValues } from '../stored-values';
import type { GraphBuilder, WeightsInFiles } from './graph-builder';

/**
 * Adds weights to a graph that stay in the files where they lie. ONNX Runtime maps those into memory, lays out what it
 * needs in another form, and lets them go; nothing is copied on the way. What is of 16 bits it widens when it compiles the graph.
 */
export class StoredWeights implements WeightsInFiles {
  /** What files are named from: the root of the file system that the first is in. */
  #root: string | undefined;
  readonly #matrices = new Map<string, string>();
  /** Those that lie there as float32, one value behind the other, by their names. */
  readonly #plain = new Map<string, StoredValues>();

  /** Undefined where there are none. */
  get folder(): string | undefined {
    return this.#root;
  }

  /**
   * Adds a weight.
   *
   * @returns its name; undefined if it has to be read, since its file has been changed or is in another file system
   */
  add(builder: GraphBuilder, name: string, shape: readonly number[], stored: StoredValues): string | undefined {
    const path = resolve(stored.path);
    const { root } = parse(path);
    if ((this.#root ?? root) !== root || !isUnchanged(stored)) return undefined;
    this.#root = root;
    const type = elementTypes[stored.dtype];
    const place = { location: relative(root, path), offset: stored.offset };
    if (stored.columns === undefined) {
      const own = addExternal(builder, name, { type, shape }, place);
      if (stored.dtype === 'F32') this.#plain.set(own, stored);
      return builder.widened(own, type);
    }
    const { matrix, start, count } = stored.columns;
    const key = `${place.location}:${place.offset}`;
    const whole = this.#matrices.get(key) ?? addExternal(builder, name, { type, shape: matrix }, place);
    this.#matrices.set(key, whole);
    // Cut first, since both are in memory until the graph is compiled: what is cut, and what it is cut out of.
    const part = count === matrix[1] ? whole : columnsOf(builder, whole, start, count);
    return builder.deferTranspose(builder.widened(part, type));
  }

  /** The values of a weight that lies in its file as it is, read and not kept. @throws TensorUnavailableError if the file was changed since */
  valuesOf({ name, shape }: Pick<ConstantDefinition, 'name' | 'shape'>): Float32Array {
    return readStoredValues(this.#plain.get(name)!, elementCount(shape));
  }
}

const elementTypes = { F32: ElementType.float32, F16: ElementType.float16, BF16: ElementType.bfloat16 } as const;

function addExternal(
  builder: GraphBuilder,
  name: string,
  { type, shape }: { readonly type: ElementType; readonly shape: readonly number[] },
  place: { readonly location: string; readonly offset: number },
): string {
  const bytes = type === ElementType.float32 ? 4 : 2;
  const length = bytes * elementCount(shape);
  return builder.weight(name, { type, shape, values: [], external: { ...place, length } });
}

function columnsOf(builder: GraphBuilder, matrix: string, start: number, count: number): string {
  const [from, to, axis] = [start, start + count, 1].map((value) => builder.constant([value], ElementType.int64, [1]));
  return builder.add('Slice', [matrix, from!, to!, axis!]);
}
