import { zeroPadding } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/** The sequence that others are spliced into. */
export interface SpliceHost {
  /** (B, N, D) */
  readonly tokens: tf.Tensor3D;
  /** (B, N), 1 = takes part. */
  readonly mask: tf.Tensor2D;
  /** int32 (B, N), −1 for none. */
  readonly ids: tf.Tensor2D;
  /** Its index among the slots. */
  readonly slot: number;
  /** int32 (B, N), of documents: whose value stands at an element, and which of them; −1 for none. See `placeFeatures` of core. */
  readonly placeSlot: tf.Tensor2D | undefined;
  readonly placeValue: tf.Tensor2D | undefined;
  /** (B, N), 1 = of an answer, of conversations. */
  readonly answers?: tf.Tensor2D | undefined;
  /** int32 (B, N), which of the samples that share a row, −1 in padding. All values of such rows have a place. */
  readonly segment?: tf.Tensor2D | undefined;
}

/** The tokens of all values of a slot, side by side, of every row. */
export interface SplicePart {
  /** (B, V · n, D), zeros where none takes part. */
  readonly tokens: tf.Tensor3D;
  /** (B, V · n), 0 where a row lacks the value. */
  readonly mask: tf.Tensor2D;
  /** V */
  readonly values: number;
  readonly slot: number;
}

/** The joint sequence of B rows, L = N + Σ V · n long: what takes part stands together, from the first token on. */
export interface Spliced {
  /** (B, L, D) */
  readonly tokens: tf.Tensor3D;
  /** (B, L) */
  readonly mask: tf.Tensor2D;
  /** int32 (B, L), −1 for what is not the host's. */
  readonly ids: tf.Tensor2D;
  /** int32 (B, L), of a value's tokens the id at its place, −1 for all else. Undefined where no row is a document. */
  readonly placeholders?: tf.Tensor2D;
  /** int32 (B, L), whose each token is; −1 for padding. */
  readonly owner: tf.Tensor2D;
  /** (B, L) */
  readonly answers?: tf.Tensor2D;
  /** int32 (B, L), a value's tokens those of its place. */
  readonly segment?: tf.Tensor2D;
}

/**
 * Puts the tokens of each value in the place of the element that stands for it; those of values that have no place come first. A place
 * whose value is not there leaves nothing, unless the row has nothing else: then what stands there stays. Where a token goes is counted, never read, so that rows with any number of values share a batch.
 */
export function splice(host: SpliceHost, parts: readonly SplicePart[]): Spliced {
  const placed = parts.map((part) => ({ ...part, ...placesOf(host, part) }));
  const own = ownElements(host, placed); // (B, N)
  // How many tokens stand at each element of the host, and so where those of it begin.
  const atPlaces = placed.map(({ match, counts }) => tf.sum(tf.mul(match, tf.expandDims(counts, 1)), 2));
  const widths = tf.addN([own, ...atPlaces]) as tf.Tensor2D; // (B, N)
  const inFront = placed.map(({ counts, isPlaced }) => tf.mul<tf.Tensor2D>(counts, tf.sub(1, isPlaced))); // (B, V) each
  const front = tf.concat<tf.Tensor2D>([tf.zeros([own.shape[0], 1]), ...inFront], 1); // there may be none
  const starts = tf.add<tf.Tensor2D>(tf.cumsum(widths, 1, true), tf.sum(front, 1, true)); // (B, N)
  const sizes = [1, ...placed.map(({ values }) => values)];
  const [, ...frontStarts] = tf.split(tf.cumsum(front, 1, true), sizes, 1);
  const positions = placed.map(({ match, isPlaced, rank, values }, index) => {
    const atPlace = tf.sum(tf.mul(match, tf.expandDims(starts, 2)), 1); // (B, V)
    const start = tf.add(atPlace, tf.mul(frontStarts[index], tf.sub(1, isPlaced)));
    const [batch, length] = rank.shape;
    return tf.reshape(tf.add(tf.expandDims(start, 2), tf.reshape(rank, [batch, values, length / values])), [
      batch,
      length,
    ]);
  });
  const all = [{ tokens: host.tokens, mask: own, slot: host.slot }, ...placed];
  const mask = tf.concat(
    all.map((part) => part.mask),
    1,
  ); // (B, L)
  const places = tf.concat([starts, ...positions], 1) as tf.Tensor2D; // (B, L)
  const owners = all.map((part) => tf.mul(part.mask, part.slot + 1));
  const ids = [tf.mul(own, tf.add(host.ids, 1)), ...placed.map((part) => tf.zerosLike(part.mask))];
  const { sources, joint } = inverse(places, mask);
  const moved = (values: readonly tf.Tensor[]) => {
    const flat = tf.reshape(tf.concat([...values], 1), [-1]);
    return tf.cast(tf.sub(tf.mul(tf.reshape(tf.gather(flat, sources), joint.shape), joint), 1), 'int32') as tf.Tensor2D;
  };
  const tokens = tf.concat(
    all.map((part) => part.tokens),
    1,
  ) as tf.Tensor3D; // (B, L, D)
  const [batch, length, width] = tokens.shape;
  const gathered = tf.reshape<tf.Rank.R3>(tf.gather(tf.reshape(tokens, [batch * length, width]), sources), [
    batch,
    length,
    width,
  ]);
  return {
    tokens: zeroPadding(gathered, joint), // a token of another row stands there, which may be NaN
    mask: joint,
    ids: moved(ids),
    ...(host.placeSlot && { placeholders: moved([tf.zerosLike(own), ...atPlacesOf(host.ids, placed)]) }),
    owner: moved(owners),
    ...(host.answers && {
      answers: tf.cast(
        tf.add(moved([tf.mul(own, host.answers), ...placed.map((part) => tf.zerosLike(part.mask))]), 1),
        'float32',
      ) as tf.Tensor2D,
    }),
    ...(host.segment && {
      segment: moved([tf.mul(own, tf.add(host.segment, 1)), ...atPlacesOf(host.segment, placed)]),
    }),
  };
}

/** Of the tokens of values, 1 + what the host has at their places, (B, V · n) each; 0 of values without one. @param own (B, N) */
function atPlacesOf(own: tf.Tensor2D, placed: readonly PlacedPart[]): tf.Tensor2D[] {
  const counted = tf.add(own, 1); // (B, N)
  return placed.map(({ match, mask, values }) => {
    const [batch, length] = mask.shape;
    const ofValues = tf.sum(tf.mul(match, tf.expandDims(counted, 2)), 1); // (B, V)
    const ofTokens = tf.tile(tf.expandDims(ofValues, 2), [1, 1, length / values]);
    return tf.mul(mask, tf.reshape(ofTokens, [batch, length]));
  });
}

/** Those of the host that stay, (B, N). @param placed with how many tokens each value has, (B, V) */
function ownElements(
  { mask, placeSlot }: SpliceHost,
  placed: readonly { readonly counts: tf.Tensor2D }[],
): tf.Tensor2D {
  if (!placeSlot) return mask;
  const own = tf.mul<tf.Tensor2D>(mask, isTrue(tf.less(placeSlot, 0)));
  const tokens = tf.addN([own, ...placed.map(({ counts }) => counts)].map((each) => tf.sum(each, 1, true))); // (B, 1)
  return tf.where(tf.greater(tokens, 0), own, mask);
}

/** The tokens of a slot's values, and where these stand. */
type PlacedPart = SplicePart & ReturnType<typeof placesOf>;

/** Where the values of a part stand, and what of them. */
function placesOf({ mask, placeSlot, placeValue }: SpliceHost, part: SplicePart) {
  const [batch, length] = part.mask.shape;
  const byValue = tf.reshape<tf.Rank.R3>(part.mask, [batch, part.values, length / part.values]);
  const counts = tf.sum<tf.Tensor2D>(byValue, 2); // (B, V)
  const rank = tf.reshape<tf.Rank.R2>(tf.cumsum(byValue, 2, true), [batch, length]); // of a token among those of its value
  const elements = mask.shape[1];
  if (!placeSlot || !placeValue) {
    const match = tf.zeros<tf.Rank.R3>([batch, elements, part.values]);
    return { match, counts, rank, isPlaced: tf.zerosLike(counts) };
  }
  const isOfSlot = tf.mul(mask, isTrue(tf.equal(placeSlot, part.slot)));
  const isValue = isTrue(tf.equal(tf.expandDims(placeValue, 2), tf.range(0, part.values, 1, 'int32')));
  const match = tf.mul<tf.Tensor3D>(tf.expandDims(isOfSlot, 2), isValue); // (B, N, V), 1 = stands there
  return { match, counts, rank, isPlaced: tf.max<tf.Tensor2D>(match, 1) };
}

/**
 * For each place of the joint sequence, which token stands there, counted through all rows; and the joint mask.
 *
 * @param places (B, L) of the tokens that take part
 * @param mask   (B, L)
 */
function inverse(places: tf.Tensor2D, mask: tf.Tensor2D): { sources: tf.Tensor1D; joint: tf.Tensor2D } {
  const [batch, length] = mask.shape;
  const size = batch * length;
  const row = tf.expandDims(tf.mul(tf.range(0, batch), length), 1); // (B, 1), tokens of the rows before
  const flat = tf.add(places, row);
  const target = tf.add(tf.mul(flat, mask), tf.mul(tf.sub(1, mask), size)); // what takes no part goes behind everything
  const indices = tf.cast(tf.reshape(target, [size, 1]), 'int32');
  const scattered = tf.scatterND(indices, tf.range(0, size, 1, 'int32'), [size + 1]);
  const counts = tf.sum(mask, 1, true); // (B, 1)
  return {
    sources: tf.slice(scattered, [0], [size]) as tf.Tensor1D,
    joint: isTrue(tf.less(tf.expandDims(tf.range(0, length), 0), counts)) as tf.Tensor2D,
  };
}

function isTrue(condition: tf.Tensor): tf.Tensor {
  return tf.cast(condition, 'float32');
}
