import type { Trace, Value } from '../trace';
import { int64, reshape, transpose } from './operators';
import { channelsFirst, isRegular, paddings, steps, type Window } from './spatial';

/**
 * ONNX Runtime's convolution over blocks of channels (`nchwc`): on the small pictures of late layers twice as fast as `Conv`, which
 * makes a product of matrices for each picture. ONNX Runtime takes it by itself where weights are constants; those that are learned
 * are none, so it is recorded here, with the weights laid out by the graph.
 */
const domain = 'com.microsoft.nchwc';

/** With fewer positions than this in a batch, to lay out the weights costs more than it saves. */
const minPositions = 1024;

/** True if {@link convolveBlocked} takes this convolution, and does not spend most of its time on channels that fill a block up. */
export function fitsBlocks(trace: Trace, window: Window, group: number): boolean {
  const { batchSize, axes, inChannels, outChannels } = window;
  const positions = axes.reduce((product, { outSize }) => product * outSize, batchSize);
  return (
    trace.channelBlock > 1 &&
    group === 1 &&
    axes.length === 2 &&
    positions >= minPositions &&
    isRegular(window) &&
    (inChannels < trace.channelBlock || inChannels % 4 === 0) &&
    2 * outChannels >= inBlocks(trace, outChannels)
  );
}

/** x (B, H, W, C), weights (O, C, KH, KW), bias (O) → (B, H', W', O). */
export function convolveBlocked(trace: Trace, x: Value, weights: Value, window: Window, bias?: Value): Value {
  return convolve(trace, x, blocksOf(trace, weights, false), window, bias);
}

/**
 * The gradient of the input where the stride is 1: a convolution too, of the output's gradient, with each filter turned by half and
 * channels in and out exchanged.
 *
 * @param window  see {@link turnedWindow}
 * @param dy      (B, H', W', O)
 * @param weights (O, C, KH, KW)
 * @returns       (B, H, W, C)
 */
export function convolveTurned(trace: Trace, dy: Value, weights: Value, window: Window): Value {
  return convolve(trace, dy, blocksOf(trace, weights, true), window);
}

/** How the gradient of a convolution's input is a convolution; null where it takes steps, or more padding than its filter has. */
export function turnedWindow(window: Window): Window | null {
  const { inChannels, outChannels, axes } = window;
  if (axes.some(({ stride, effectiveFilter, before }) => stride > 1 || before >= effectiveFilter)) return null;
  return {
    ...window,
    inChannels: outChannels,
    outChannels: inChannels,
    axes: axes.map((axis) => ({
      ...axis,
      inSize: axis.outSize,
      outSize: axis.inSize,
      before: axis.effectiveFilter - 1 - axis.before,
    })),
  };
}

/** @param filter in blocks */
function convolve(trace: Trace, x: Value, filter: Value, window: Window, bias?: Value): Value {
  const { batchSize, inChannels, outChannels, axes } = window;
  const sizes = axes.map(({ outSize }) => outSize);
  const attributes = { ...steps(window), pads: paddings(window) };
  const image = inChannels < trace.channelBlock ? channelsFirst(trace, x) : blocksOfImage(trace, x);
  const shape = [batchSize, inBlocks(trace, outChannels), ...sizes];
  const inputs = [image, filter, ...(bias ? [padded(trace, bias, [shape[1]!])] : [])];
  const blocked = trace.add(`${domain}.Conv`, inputs, shape, x.type, attributes);
  const output = { channels: outChannels, channels_last: 1 };
  return trace.add(`${domain}.ReorderOutput`, [blocked], [batchSize, ...sizes, outChannels], x.type, output);
}

/** (B, H, W, C) → (B, C in whole blocks, H, W) */
function blocksOfImage(trace: Trace, x: Value): Value {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const shape = [batch, inBlocks(trace, channels), height, width];
  return trace.add(`${domain}.ReorderInput`, [x], shape, x.type, { channels_last: 1 });
}

/**
 * (O, C, KH, KW) → (O / block, C / block, KH, KW, block of C, block of O); images of less than a block of channels have none.
 *
 * @param isTurned whether weights are (C, O, KH, KW), and each filter is to be turned by half
 */
function blocksOf(trace: Trace, weights: Value, isTurned: boolean): Value {
  const [first, second, height, width] = weights.shape as [number, number, number, number];
  const [outer, inner] = isTurned ? [second, first] : [first, second];
  const block = trace.channelBlock;
  const [innerBlock, inners] = inner < block ? [1, inner] : [block, inBlocks(trace, inner)];
  const outers = inBlocks(trace, outer);
  const ordered = <T>(ofOuter: T, ofInner: T): [T, T] => (isTurned ? [ofInner, ofOuter] : [ofOuter, ofInner]);
  const whole = padded(trace, weights, [...ordered(outers, inners), height, width]);
  const axes = ordered([outers / block, block], [inners / innerBlock, innerBlock]).flat();
  const split = reshape(trace, whole, [...axes, height * width]);
  const blocks = transpose(trace, split, isTurned ? [2, 0, 4, 1, 3] : [0, 2, 4, 3, 1]);
  return reshape(trace, isTurned ? reversed(trace, blocks, 2) : blocks, [outers, inners, height, width]);
}

function inBlocks({ channelBlock }: Trace, channels: number): number {
  return Math.ceil(channels / channelBlock) * channelBlock;
}

/** Zeros behind, up to a shape. */
function padded(trace: Trace, x: Value, shape: number[]): Value {
  const behind = shape.map((size, axis) => size - x.shape[axis]!);
  if (behind.every((size) => size === 0)) return x;
  return trace.add('Pad', [x, int64([...shape.map(() => 0), ...behind])], shape, x.type);
}

function reversed(trace: Trace, x: Value, axis: number): Value {
  const size = x.shape[axis]!;
  if (size === 1) return x;
  return trace.add('Slice', [x, int64([-1]), int64([-size - 1]), int64([axis]), int64([-1])], x.shape, x.type);
}
