import * as tf from '@tensorflow/tfjs-core';
import { ElementType } from '../onnx/element-type';
import type { Trace, Value } from '../trace';
import { floats, type NativeKernel, nativeKernel } from './native-kernel';
import { binary, cast, filled, reshape, scalar, withScalar } from './operators';
import { scatterAdd } from './scatter';
import {
  channelsFirst,
  channelsLast,
  isRegular,
  paddings,
  planeWindow,
  steps,
  transposedWindow,
  volumeWindow,
  type Window,
} from './spatial';

type Shape4D = [number, number, number, number];
type Shape5D = [number, number, number, number, number];
type Sizes<T> = T | number;

interface PoolAttributes {
  readonly filterSize: Sizes<[number, number]> | Sizes<[number, number, number]>;
  readonly strides: Sizes<[number, number]> | Sizes<[number, number, number]>;
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** Two- and three-dimensional pooling with its gradients. */
export const poolingKernels: readonly NativeKernel[] = [
  ...['MaxPool', 'MaxPool3D'].map((name) =>
    nativeKernel<PoolAttributes, 'x'>(name, floats, (trace, { x }, attributes) => {
      const window = windowOf(x, attributes);
      return window && channelsLast(trace, maxPool(trace, x, window)[0]!);
    }),
  ),
  ...['AvgPool', 'AvgPool3D'].map((name) =>
    nativeKernel<PoolAttributes, 'x'>(name, floats, (trace, { x }, attributes) => {
      const window = windowOf(x, attributes);
      if (window === null) return null;
      const averaged = trace.add('AveragePool', [channelsFirst(trace, x)], pooled(window), x.type, kernel(window));
      return channelsLast(trace, averaged);
    }),
  ),
  ...['MaxPoolGrad', 'MaxPool3DGrad'].map((name) =>
    nativeKernel<PoolAttributes, 'dy' | 'input'>(name, floats, (trace, { dy, input }, attributes) => {
      const window = windowOf(input, attributes);
      return window && maxPoolGradient(trace, dy, input, window);
    }),
  ),
  ...['AvgPoolGrad', 'AvgPool3DGrad'].map((name) =>
    nativeKernel<PoolAttributes, 'dy' | 'input'>(name, floats, (trace, { dy, input }, attributes) => {
      const window = windowOf(input, attributes);
      return window && averagePoolGradient(trace, dy, window);
    }),
  ),
  nativeKernel<tf.MaxPoolWithArgmaxAttrs, 'x'>('MaxPoolWithArgmax', floats, (trace, { x }, attributes) => {
    const window = windowOf(x, attributes);
    if (window === null) return null;
    const [values, positions] = maxPool(trace, x, window);
    const flat = channelsLast(trace, lastPositions(trace, positions!, window, attributes.includeBatchInIndex));
    return [channelsLast(trace, values!), cast(trace, flat, ElementType.int32)];
  }),
];

/** Null for irregular windows, and where one may lie wholly in the padding: ONNX Runtime refuses that. */
function windowOf(x: Value, { filterSize, strides, pad, dimRoundingMode }: PoolAttributes): Window | null {
  tf.util.assert(x.shape.length >= 4, () => `Pooling takes images of rank 4 or 5, not the shape [${x.shape}].`);
  const window =
    x.shape.length === 5
      ? volumeWindow(
          tf.backend_util.computePool3DInfo(
            x.shape as Shape5D,
            filterSize as number,
            strides as number,
            1,
            pad as number,
            dimRoundingMode,
          ),
        )
      : planeWindow(
          tf.backend_util.computePool2DInfo(
            x.shape as Shape4D,
            filterSize as number,
            strides as number,
            1,
            pad,
            dimRoundingMode,
          ),
        );
  const isRefused = paddings(window).some((pad, i) => pad >= window.axes[i % window.axes.length]!.filter);
  return isRefused || !isRegular(window) ? null : window;
}

function kernel(window: Window) {
  return {
    kernel_shape: window.axes.map(({ filter }) => filter),
    strides: steps(window).strides,
    pads: paddings(window),
  };
}

function pooled({ batchSize, inChannels, axes }: Window): number[] {
  return [batchSize, inChannels, ...axes.map(({ outSize }) => outSize)];
}

function image({ batchSize, inChannels, axes }: Window): number[] {
  return [batchSize, inChannels, ...axes.map(({ inSize }) => inSize)];
}

/**
 * Maxima, and where they were found: places in the whole of the image, channels first. NaN is passed over, as
 * TensorFlow.js does it.
 */
function maxPool(trace: Trace, x: Value, window: Window): Value[] {
  const outputs = [
    { shape: pooled(window), type: x.type },
    { shape: pooled(window), type: ElementType.int64 },
  ];
  const missing = trace.add('IsNaN', [x], x.shape, ElementType.bool);
  const numbers = trace.add('Where', [missing, scalar(Number.NEGATIVE_INFINITY), x], x.shape, x.type);
  return trace.addMany('MaxPool', [channelsFirst(trace, numbers)], outputs, kernel(window));
}

/** Adds every output's gradient to the position where its maximum was found. */
function maxPoolGradient(trace: Trace, dy: Value, x: Value, window: Window): Value {
  const [, positions] = maxPool(trace, x, window);
  const count = tf.util.sizeFromShape(pooled(window));
  const indices = reshape(trace, positions!, [count, 1]);
  const gradients = reshape(trace, channelsFirst(trace, dy), [count]);
  const distinct = window.axes.every(({ stride, filter }) => stride >= filter);
  const scattered = scatterAdd(trace, [tf.util.sizeFromShape(image(window))], indices, gradients, distinct);
  return channelsLast(trace, reshape(trace, scattered, image(window)));
}

/** Spreads every output's gradient evenly over its window, as TensorFlow.js does it: padding counts as part of it. */
function averagePoolGradient(trace: Trace, dy: Value, window: Window): Value {
  const filter = window.axes.map((axis) => axis.filter);
  const share = 1 / tf.util.sizeFromShape(filter);
  const weights = filled(trace, share, [window.inChannels, 1, ...filter], dy.type);
  const attributes = { ...transposedWindow(window), group: window.inChannels };
  const inputs = [channelsFirst(trace, dy), weights];
  return channelsLast(trace, trace.add('ConvTranspose', inputs, image(window), dy.type, attributes));
}

/** Places in an image whose channels come first as places in one whose channels come last. */
function lastPositions(trace: Trace, positions: Value, window: Window, includeBatch: boolean): Value {
  const { inChannels, axes } = window;
  const area = axes.reduce((product, { inSize }) => product * inSize, 1);
  const plane = withScalar(trace, 'Div', positions, area); // batch · C + channel
  const place = withScalar(trace, 'Mod', positions, area);
  const channel = withScalar(trace, 'Mod', plane, inChannels);
  const within = binary(trace, 'Add', withScalar(trace, 'Mul', place, inChannels), channel);
  if (!includeBatch) return within;
  const batch = withScalar(trace, 'Div', plane, inChannels);
  return binary(trace, 'Add', withScalar(trace, 'Mul', batch, area * inChannels), within);
}
