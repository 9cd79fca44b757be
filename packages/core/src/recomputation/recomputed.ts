import * as tf from '@tensorflow/tfjs-core';
import type { Context } from '../context';
import { currentPass, duringPass } from '../pass';
import { offTape, type TapeNode } from './off-tape';
import { runApart } from './run-apart';
import { tensorsIn } from './tensors-in';

/** How layers are computed again for their gradients. */
export interface Recomputation {
  /** A context that draws what its own draws from here on, and in which nothing is recomputed once more. */
  again(): Context;
  /** Gradients of parameters in the layers that were computed again last. */
  made: tf.Tensor[];
  /** Told of each layer, before what its operations saved is freed: these, and what went into it. */
  readonly tellLayer?: (operations: readonly TapeNode[], x: tf.Tensor) => void;
}

/**
 * What a layer computes, of which nothing is kept for the gradients but what went into it, where the context says so: they are made
 * from computing it again (Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost"; PyTorch's `torch.utils.checkpoint`).
 * Dropout drops the same values both times. It costs a further forward pass, and the gradients are to the bit what they are without.
 *
 * ```ts
 * for (const layer of layers) {
 *   tokens = recomputed(tokens, context, (own, again) => layer.forward(own, mask, again));
 * }
 * ```
 *
 * Without that, a backend that compiles may get the layer as a program of its own.
 *
 * @param x       what goes into the layer, and through it into all that takes memory
 * @param compute a function of tensors and the context alone; it is called again while gradients are made
 * @param uses    tensors in plain records, arrays and maps that it reads beside `x`, parameters aside
 * @returns what it gives: tensors in plain records, arrays and maps, and whatever else stands there
 */
export function recomputed<X extends tf.Tensor, T>(
  x: X,
  context: Context,
  compute: (x: X, context: Context) => T,
  uses: unknown = undefined,
): T {
  const { recomputation, separation, ...plain } = context;
  const { state } = tf.engine();
  const isTaped = state.gradientDepth > 0 && state.kernelDepth === 0;
  if (!isTaped) return compute(x, context);
  if (!recomputation) return separation ? runApart(x, separation, () => compute(x, plain)) : compute(x, context);
  const again = recomputation.again();
  const { result, nodes, made } = offTape(() => compute(x, plain));
  const inputs = new Map<number, tf.Tensor>(); // all that was read and is not made in the layer
  for (const node of nodes) {
    for (const input of Object.values(node.inputs)) if (input && !made.has(input.id)) inputs.set(input.id, input);
  }
  recomputation.tellLayer?.(nodes, x);
  for (const { saved } of nodes) tf.dispose(saved ?? []);
  const all = tensorsIn(result);
  const places = all.flatMap(({ id, dtype }, place) => (made.has(id) && dtype === 'float32' ? [place] : []));
  const learned = [...inputs.values()].filter(({ dtype }) => dtype === 'float32');
  state.activeTape.push({
    id: state.nextTapeNodeId++,
    kernelName: 'Recomputed',
    inputs: Object.fromEntries(learned.map((input, index) => [index, input])),
    outputs: places.map((place) => all[place]),
    saved: ofThisPass([x, ...inputs.values(), ...tensorsIn(uses)]),
    gradient: (dys) => {
      const outputsOf = (own: X) => {
        const computed = tensorsIn(duringPass({ ...currentPass(), context: again }, () => compute(own, again)));
        return places.map((place) => computed[place]);
      };
      const gradients = gradientsOf(outputsOf, x, learned, dys as (tf.Tensor | null)[], recomputation.made);
      recomputation.made = [];
      const given = (input: tf.Tensor, index: number) => () => {
        const gradient = gradients[index] ?? tf.zerosLike(input);
        if (input instanceof tf.Variable) recomputation.made.push(gradient);
        return gradient;
      };
      return Object.fromEntries(learned.map((input, index) => [index, given(input, index)]));
    },
  });
  return result;
}

/** Those of some tensors that the forward pass would free at its end: kept until the gradients are made, which frees them. */
function ofThisPass(tensors: readonly tf.Tensor[]): tf.Tensor[] {
  const { scopeStack } = tf.engine().state;
  const first = scopeStack.findLastIndex(({ name }) => name === 'forward');
  const scopes = new Set(scopeStack.slice(first).map(({ id }) => id));
  const own = [...new Set(tensors)].filter((tensor) => !tensor.kept && scopes.has(tensor.scopeId));
  for (const tensor of own) tf.keep(tensor);
  return own;
}

/** The gradients of what goes into a layer, from those of its outputs, by computing it again; undefined where it does not depend on it. */
function gradientsOf<X extends tf.Tensor>(
  outputsOf: (x: X) => readonly tf.Tensor[],
  x: X,
  inputs: readonly tf.Tensor[],
  dys: readonly (tf.Tensor | null)[],
  made: readonly tf.Tensor[],
): (tf.Tensor | undefined)[] {
  const known = dys.flatMap((dy, index) => (dy ? [{ dy, index }] : []));
  const own = after(x, [...known.map(({ dy }) => dy), ...made]);
  const compute = () => {
    const outputs = outputsOf(own);
    if (known.length === 1) return outputs[known[0].index];
    return tf.addN(known.map(({ dy, index }) => tf.sum(tf.mul(outputs[index], dy))));
  };
  const engine = tf.engine();
  const tape = engine.state.activeTape; // of the pass around, whose gradients are being made
  try {
    const { grads } = engine.gradients(
      compute,
      inputs.map((input) => (input === x ? own : input)),
      known.length === 1 ? known[0].dy : undefined,
      true,
    );
    return grads;
  } finally {
    engine.state.activeTape = tape;
  }
}

/**
 * The same tensor, which a backend that puts operations off takes for another one, to be had when some others are there: it would else
 * find out that it has computed the layer before, and keep all of it.
 */
function after<X extends tf.Tensor>(x: X, others: readonly tf.Tensor[]): X {
  const name = 'ComputedAfter';
  if (!tf.getKernel(name, tf.getBackend())) return tf.clone(x);
  const named = others.map((other, index) => [`after${index}`, other] as const);
  return tf.engine().runKernel(name, { x, ...Object.fromEntries(named) }) as X;
}
