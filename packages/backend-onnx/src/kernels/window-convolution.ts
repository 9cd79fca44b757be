import type { Trace, Value } from '../trace';
import { convolveBlocked, convolveTurned, fitsBlocks, turnedWindow } from './blocked-convolution';
import { slice } from './operators';
import { channelsFirst, channelsLast, paddings, steps, transposedWindow, type Window } from './spatial';

/** x (B, …, C), weights (O, C / group, …), bias (O) → (B, …, O). */
export function convolveWith(
  trace: Trace,
  x: Value,
  weights: Value,
  window: Window,
  group: number,
  bias?: Value,
): Value {
  if (fitsBlocks(trace, window, group)) return convolveBlocked(trace, x, weights, window, bias);
  const shape = [window.batchSize, window.outChannels, ...window.axes.map(({ outSize }) => outSize)];
  const attributes = { ...steps(window), pads: paddings(window), group };
  const inputs = [channelsFirst(trace, x), weights, ...(bias ? [bias] : [])];
  return channelsLast(trace, trace.add('Conv', inputs, shape, x.type, attributes));
}

/** dy (B, …, O), weights (O, C / group, …) → (B, …, C). */
export function inputGradient(trace: Trace, dy: Value, weights: Value, window: Window, group: number): Value {
  const turned = turnedWindow(window);
  if (turned !== null && fitsBlocks(trace, turned, group)) return convolveTurned(trace, dy, weights, turned);
  const shape = [window.batchSize, window.inChannels, ...window.axes.map(({ inSize }) => inSize)];
  const attributes = { ...transposedWindow(window), group };
  const inputs = [channelsFirst(trace, dy), weights];
  return channelsLast(trace, trace.add('ConvTranspose', inputs, shape, dy.type, attributes));
}

/**
 * The filter gradient is a convolution too: the image with the output gradient as its filter, the batch in the place
 * of the channels, strides and dilations exchanged.
 *
 * @param images    (C / group, group · B, …)
 * @param gradients (O, B, …)
 * @returns         (C / group, O, …)
 */
export function correlate(trace: Trace, images: Value, gradients: Value, window: Window, group: number): Value {
  const exchanged: Window = {
    ...window,
    axes: window.axes.map((axis) => ({
      ...axis,
      outSize: axis.filter,
      stride: axis.dilation,
      dilation: axis.stride,
      effectiveFilter: (axis.outSize - 1) * axis.stride + 1,
    })),
  };
  const pads = paddings(exchanged);
  const [count, filters] = [images.shape[0]!, gradients.shape[0]!];
  // Rows at the end that the forward strides never reached give the filter more positions than it has.
  const reached = exchanged.axes.map(({ inSize, effectiveFilter, stride }, i) => {
    const padded = inSize + pads[i]! + pads[i + exchanged.axes.length]!;
    return Math.floor((padded - effectiveFilter) / stride) + 1;
  });
  const attributes = { ...steps(exchanged), pads, group };
  const all = trace.add('Conv', [images, gradients], [count, filters, ...reached], images.type, attributes);
  const size = [count, filters, ...window.axes.map(({ filter }) => filter)];
  return slice(
    trace,
    all,
    size.map(() => 0),
    size,
  );
}
