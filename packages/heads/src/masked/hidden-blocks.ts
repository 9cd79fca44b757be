import { type Features, type HostTensor, hostTensor, type RandomKey, type ValueBlocks } from '@polymodal/core';

/** What is drawn of P values: which of their blocks are hidden, and what stands there. */
export type HiddenBlocks = {
  /** int32 (P, M): indices of those that are hidden, in the order of blocks row by row; 0 where nothing counts. */
  readonly hidden: HostTensor;
  /** (P, M), 1 = counts. */
  readonly counted: HostTensor;
  /** int32 (P, K): indices of those that are not, ascending. */
  readonly visible: HostTensor;
  /** (P, G, …) by the grid of blocks, 1 = seen. */
  readonly shown: HostTensor;
  /** (P, M, values): what is to be guessed. */
  readonly truth: HostTensor;
};

/** How blocks are hidden. */
export interface HidingOptions {
  /** Which share of a value's blocks is hidden. */
  readonly ratio: number;
  /** Whether what is guessed of a block is by its own mean and deviation. */
  readonly normalizeTargets: boolean;
}

/**
 * Hides a share of each value's blocks at random (He et al. 2022, section 3; `random_masking`): ⌊(1 − ratio) · L⌋ of its L blocks are left.
 *
 * @param features of P values, collated
 */
export function hideBlocks(
  features: Features,
  blocks: ValueBlocks,
  { ratio, normalizeTargets }: HidingOptions,
  key: RandomKey,
): HiddenBlocks {
  const values = features[blocks.feature];
  const [rows, ...extents] = values.shape;
  const grid = blocks.size.map((size, axis) => Math.floor(extents[axis] / size));
  const inFirst = grid.slice(1).reduce((product, count) => product * count, 1);
  const most = grid[0] * inFirst;
  const left = (count: number) => Math.floor(count * (1 - ratio));
  const numHidden = most - left(most);
  const hidden = new Int32Array(rows * numHidden);
  const counted = new Uint8Array(rows * numHidden);
  const visible = new Int32Array(rows * (most - numHidden));
  const shown = new Uint8Array(rows * most).fill(1);
  const truth = new Float32Array(rows * numHidden * blocks.values);
  const blockAt = blockReader(values, blocks, grid);
  for (let row = 0; row < rows; row++) {
    const own = inFirst * Math.floor(lengthOf(features, blocks, row) / blocks.size[0]);
    const order = key.fold(row).shuffle(own);
    const chosen = order.slice(0, own - left(own)).sort();
    chosen.forEach((index, place) => {
      const at = row * numHidden + place;
      hidden[at] = index;
      counted[at] = 1;
      shown[row * most + index] = 0;
      const block = blockAt(row, index);
      truth.set(normalizeTargets ? normalized(block) : block, at * blocks.values);
    });
    visible.set(order.slice(chosen.length, chosen.length + most - numHidden).sort(), row * (most - numHidden));
  }
  return {
    hidden: hostTensor(hidden, [rows, numHidden]),
    counted: hostTensor(counted, [rows, numHidden]),
    visible: hostTensor(visible, [rows, most - numHidden]),
    shown: hostTensor(shown, [rows, ...grid]),
    truth: hostTensor(truth, [rows, numHidden, blocks.values]),
  };
}

/** How far a value reaches along the first axis that is divided. */
function lengthOf(features: Features, { feature, mask }: ValueBlocks, row: number): number {
  const length = features[feature].shape[1];
  if (mask === undefined) return length;
  const own = features[mask].data.subarray(row * length, (row + 1) * length);
  return Array.from(own).filter((one) => one === 1).length;
}

/** The numbers of a block: its first axis first, as in `patchify` of HF `ViTMAEForPreTraining`. */
function blockReader({ data, shape }: HostTensor, { size, values }: ValueBlocks, grid: readonly number[]) {
  const extents = shape.slice(1, size.length + 1);
  const inner = shape.slice(size.length + 1).reduce((product, length) => product * length, 1);
  const strides = extents.map((_, axis) =>
    extents.slice(axis + 1).reduce((product, length) => product * length, inner),
  );
  const ofRow = extents.reduce((product, length) => product * length, inner);
  return (row: number, index: number): Float64Array => {
    const block = new Float64Array(values);
    const begin = grid.map((_, axis) => {
      const behind = grid.slice(axis + 1).reduce((product, count) => product * count, 1);
      return (Math.floor(index / behind) % grid[axis]) * size[axis];
    });
    let next = 0;
    const read = (axis: number, offset: number): void => {
      if (axis === size.length) {
        for (let i = 0; i < inner; i++) block[next++] = data[offset + i];
        return;
      }
      for (let i = 0; i < size[axis]; i++) read(axis + 1, offset + (begin[axis] + i) * strides[axis]);
    };
    read(0, row * ofRow);
    return block;
  };
}

/** By mean and unbiased variance (`norm_pix_loss`). */
function normalized(block: Float64Array): Float64Array {
  const mean = block.reduce((sum, value) => sum + value, 0) / block.length;
  const variance = block.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (block.length - 1);
  return block.map((value) => (value - mean) / Math.sqrt(variance + 1e-6));
}
