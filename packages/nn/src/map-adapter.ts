import { Adapter, currentPass, type Parameter, StateError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/** A module that maps tensors by one weight: a linear map, an embedding, a convolution. */
export interface AdaptableMap {
  readonly weight: Parameter;
  readonly bias?: Parameter<tf.Rank.R1> | undefined;
  /** What adapts the map, where something does; several by their names, the first innermost. */
  adapter: MapAdapter | Readonly<Record<string, MapAdapter>> | undefined;
  /**
   * What the map gives by another weight of the same kind, with any number of outputs, and without a bias.
   *
   * @param x      what goes into the map
   * @param weight in the layout of its own
   */
  mapBy(x: tf.Tensor, weight: tf.Tensor): tf.Tensor;
}

/** What changes the result of an {@link AdaptableMap}, learned beside it. */
export abstract class MapAdapter extends Adapter {
  /**
   * @param x    what goes into the map
   * @param base the map as it is without the adapter
   * @returns what comes out of it; at first, to the bit, `base(x)`
   */
  abstract forward<X extends tf.Tensor, Y extends tf.Tensor>(x: X, base: (x: X) => Y): Y;
}

/** What a map gives, through its adapters that are in use, in the rows that go by them. */
export function adapted<X extends tf.Tensor, Y extends tf.Tensor>(
  { adapter }: Pick<AdaptableMap, 'adapter'>,
  x: X,
  base: (x: X) => Y,
): Y {
  if (adapter === undefined) return base(x);
  const all = adapter instanceof MapAdapter ? [adapter] : Object.values(adapter);
  const through = (inner: (x: X) => Y, own: MapAdapter) => (own.isInUse ? (x: X) => ofRows(own, x, inner) : inner);
  return all.reduce(through, base)(x);
}

/** Where rows of a batch go by different adapters, those that go by this one, and the others as they are without. */
function ofRows<X extends tf.Tensor, Y extends tf.Tensor>(own: MapAdapter, x: X, inner: (x: X) => Y): Y {
  const named = currentPass()?.adapterRows;
  if (!named || own.name === undefined) return own.forward(x, inner);
  const rows = named[own.name];
  if (!rows) return inner(x);
  const y = own.forward(x, inner);
  const each = x.shape[0] / rows.size; // values of a slot, or windows of a picture, of a row one after the other
  if (!Number.isInteger(each)) throw notByRow(x.shape, rows.size);
  const repeated = each === 1 ? rows : tf.reshape(tf.tile(tf.expandDims(rows, 1), [1, each]), [-1]);
  const chosen = tf.reshape(tf.greater(repeated, 0), [x.shape[0], ...y.shape.slice(1).map(() => 1)]);
  return tf.where(chosen, y, inner(x)) as Y;
}

function notByRow(shape: readonly number[], rows: number): StateError {
  return new StateError({
    where: 'an adapted map',
    expected: `rows of the batch, of which there are ${rows}, or several for each`,
    received: `[${shape}]`,
    hint: 'What mixes rows has no adapters by row: predict with one adapter at a time.',
  });
}
