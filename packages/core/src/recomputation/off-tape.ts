import * as tf from '@tensorflow/tfjs-core';
import { inOwnScope } from './in-own-scope';

/** An operation that TensorFlow.js has put down to make gradients of. */
export type TapeNode = ReturnType<typeof tf.engine>['state']['activeTape'][number];

/** What a part of a forward pass came to. */
interface OffTape<T> {
  readonly result: T;
  /** Its operations, which are not on the tape any more. What they saved is whoever's who has them. */
  readonly nodes: readonly TapeNode[];
  /** The tensors that they made, by id. */
  readonly made: ReadonlySet<number>;
}

/** Computes a part of a forward pass and takes what it has put on the tape off it. All but its result and what was saved is freed. */
export function offTape<T>(compute: () => T): OffTape<T> {
  const { activeTape } = tf.engine().state;
  const before = activeTape.length;
  const result = inOwnScope(compute);
  const nodes = activeTape.splice(before);
  return { result, nodes, made: new Set(nodes.flatMap(({ outputs }) => outputs.map(({ id }) => id))) };
}
