import * as tf from '@tensorflow/tfjs-core';
import { backendCapabilities } from '../backend/capabilities';
import { inOwnScope } from './in-own-scope';
import { offTape, type TapeNode } from './off-tape';
import { tensorsIn } from './tensors-in';

/** How the layers of a pass become programs of their own. */
export interface Separation {
  /** By id, the variables whose gradients are asked for. */
  readonly learned: ReadonlySet<number>;
  /** Whether any layer has become one. */
  isUsed: boolean;
}

/** Numbers that go into a layer, times their width: a Transformer's has twelve times as many multiplications. */
const leastWork = 2 ** 23;

/**
 * Whether a layer that so many numbers go into, in vectors of some width, is worth a program of its own: of a smaller one it would cost more
 * to run by itself than it saves.
 */
export function isOwnProgram(numbers: number, width: number): boolean {
  return numbers * width >= leastWork;
}

/**
 * Computes a layer so that a backend which compiles makes one program of it, and another one of its gradients. Layers are alike, and so are
 * batches in this layer where they are not as a whole: so there is little to compile, however lengths and combinations vary.
 *
 * What the layer saved for its gradients is freed as soon as they are made.
 *
 * @param x       what goes into it, which tells how large it is
 * @param compute a function of tensors alone
 */
export function runApart<T>(x: tf.Tensor, separation: Separation, compute: () => T): T {
  const { separate } = backendCapabilities();
  if (!separate || !isOwnProgram(x.size, x.shape.at(-1) ?? 1)) return compute();
  separation.isUsed = true;
  const { state } = tf.engine();
  separate();
  const { result, nodes, made } = offTape(compute);
  separate();
  const learned = reached(separation.learned, [...state.activeTape, ...nodes]);
  const own = nodes.filter((node) => learnedInputs(node, learned).length > 0);
  const inputs = new Map<number, tf.Tensor>();
  for (const node of own) {
    for (const [, input] of learnedInputs(node, learned)) if (!made.has(input.id)) inputs.set(input.id, input);
  }
  const outputs = tensorsIn(result).filter(({ id, dtype }) => made.has(id) && learned.has(id) && dtype === 'float32');
  const saved = nodes.flatMap((node) => node.saved ?? []);
  if (inputs.size === 0 || outputs.length === 0) {
    tf.dispose(saved);
    return result;
  }
  const asked = [...inputs.values()];
  state.activeTape.push({
    id: state.nextTapeNodeId++,
    kernelName: 'Apart',
    inputs: Object.fromEntries(asked.map((input, index) => [index, input])),
    outputs,
    saved,
    gradient: (dys) => {
      separate();
      const gradients = inOwnScope(() => gradientsOf(own, learned, outputs, dys as (tf.Tensor | null)[], asked));
      tf.dispose(saved);
      separate();
      return Object.fromEntries(gradients.map((gradient, index) => [index, () => gradient]));
    },
  });
  return result;
}

/** The ids of what depends on some tensors, they themselves among them. */
function reached(from: ReadonlySet<number>, nodes: readonly TapeNode[]): ReadonlySet<number> {
  const found = new Set(from);
  for (const node of nodes) {
    if (learnedInputs(node, found).length > 0) for (const { id } of node.outputs) found.add(id);
  }
  return found;
}

function learnedInputs({ inputs }: TapeNode, learned: ReadonlySet<number>): [name: string, input: tf.Tensor][] {
  return Object.entries(inputs).filter(([, input]) => input && learned.has(input.id));
}

/** The gradients of what goes into a layer, from those of its outputs: operation by operation, from the last one back. */
function gradientsOf(
  nodes: readonly TapeNode[],
  learned: ReadonlySet<number>,
  outputs: readonly tf.Tensor[],
  dys: readonly (tf.Tensor | null)[],
  asked: readonly tf.Tensor[],
): tf.Tensor[] {
  const sums = new Map<number, tf.Tensor>();
  const add = ({ id }: tf.Tensor, gradient: tf.Tensor) => {
    const before = sums.get(id);
    sums.set(id, before ? tf.add(before, gradient) : gradient);
  };
  outputs.forEach((output, index) => {
    const dy = dys[index];
    if (dy) add(output, dy);
  });
  for (const node of nodes.toReversed()) {
    const own = node.outputs.map(({ id }) => sums.get(id) ?? null);
    if (own.every((dy) => dy === null)) continue;
    if (!node.gradient) throw new Error(`Cannot compute gradient: gradient function not found for ${node.kernelName}.`);
    const made = node.gradient(own as tf.Tensor[]);
    for (const [name, input] of learnedInputs(node, learned)) add(input, made[name]());
  }
  return asked.map((input) => sums.get(input.id) ?? tf.zerosLike(input));
}
