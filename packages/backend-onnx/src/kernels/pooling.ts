import * as tf from '@tensorflow/tfjs';
import { ElementType } from '../onnx/element-type';
import type { Trace, Value } from '../trace';
import { floats, type NativeKernel, nativeKernel } from './native-kernel';
import { filled, reshape } from './operators';
import { scatterAdd } from './scatter';
import { channelsFirst, channelsLast, paddings, steps, transposedWindow } from './spatial';

type Conv2DInfo = tf.backend_util.Conv2DInfo;
type Shape4D = [number, number, number, number];

/** Two-dimensional pooling with its gradients. */
export const poolingKernels: readonly NativeKernel[] = [
  nativeKernel<tf.MaxPoolAttrs, 'x'>('MaxPool', floats, (trace, { x }, attributes) => {
    const info = poolInfo(x, attributes);
    const attributesOfPool = { ...poolAttributes(info), dilations: steps(info).dilations };
    return channelsLast(trace, trace.add('MaxPool', [channelsFirst(trace, x)], pooled(info), x.type, attributesOfPool));
  }),
  nativeKernel<tf.AvgPoolAttrs, 'x'>('AvgPool', floats, (trace, { x }, attributes) => {
    const info = poolInfo(x, attributes);
    const averaged = trace.add('AveragePool', [channelsFirst(trace, x)], pooled(info), x.type, poolAttributes(info));
    return channelsLast(trace, averaged);
  }),
  nativeKernel<tf.MaxPoolGradAttrs, 'dy' | 'input'>('MaxPoolGrad', floats, (trace, { dy, input }, attributes) => {
    const info = poolInfo(input, attributes);
    return maxPoolGradient(trace, dy, input, info);
  }),
  nativeKernel<tf.AvgPoolGradAttrs, 'dy' | 'input'>('AvgPoolGrad', floats, (trace, { dy, input }, attributes) =>
    averagePoolGradient(trace, dy, poolInfo(input, attributes)),
  ),
];

interface PoolAttributes {
  readonly filterSize: [number, number] | number;
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

function poolInfo(x: Value, { filterSize, strides, pad, dimRoundingMode }: PoolAttributes): Conv2DInfo {
  return tf.backend_util.computePool2DInfo(x.shape as Shape4D, filterSize, strides, 1, pad, dimRoundingMode);
}

function poolAttributes(info: Conv2DInfo) {
  return {
    kernel_shape: [info.filterHeight, info.filterWidth],
    strides: steps(info).strides,
    pads: paddings(info),
  };
}

function pooled(info: Conv2DInfo): number[] {
  return [info.batchSize, info.inChannels, info.outHeight, info.outWidth];
}

/** Adds every output's gradient to the position where its maximum was found. */
function maxPoolGradient(trace: Trace, dy: Value, x: Value, info: Conv2DInfo): Value {
  const attributes = { ...poolAttributes(info), dilations: steps(info).dilations };
  const outputs = [
    { shape: pooled(info), type: x.type },
    { shape: pooled(info), type: ElementType.int64 },
  ];
  const [, positions] = trace.addMany('MaxPool', [channelsFirst(trace, x)], outputs, attributes);
  const { batchSize, inChannels, inHeight, inWidth } = info;
  const count = tf.util.sizeFromShape(pooled(info));
  const size = batchSize * inChannels * inHeight * inWidth;
  const indices = reshape(trace, positions!, [count, 1]);
  const gradients = reshape(trace, channelsFirst(trace, dy), [count]);
  const distinct = info.strideHeight >= info.filterHeight && info.strideWidth >= info.filterWidth;
  const scattered = scatterAdd(trace, [size], indices, gradients, distinct);
  return channelsLast(trace, reshape(trace, scattered, [batchSize, inChannels, inHeight, inWidth]));
}

/** Spreads every output's gradient evenly over its window, as TensorFlow.js does it: padding counts as part of it. */
function averagePoolGradient(trace: Trace, dy: Value, info: Conv2DInfo): Value {
  const { batchSize, inChannels, inHeight, inWidth, filterHeight, filterWidth } = info;
  const share = filled(trace, 1 / (filterHeight * filterWidth), [inChannels, 1, filterHeight, filterWidth], dy.type);
  const attributes = { ...transposedWindow(info), group: inChannels };
  const shape = [batchSize, inChannels, inHeight, inWidth];
  return channelsLast(trace, trace.add('ConvTranspose', [channelsFirst(trace, dy), share], shape, dy.type, attributes));
}
