import type { RandomKey } from '@polymodal/core';
import type { RawImu } from '../read-imu.js';
import { describeGesture } from './describe-gesture.js';
import { drawMotion, type Gesture, gestures } from './motion.js';
import { type Disturbances, measureMotion } from './motion-sensor.js';

/** A gesture as a sensor measured it and as somebody called it: a type, not an interface, to pass for a `Sample`. */
export type GestureSample = {
  readonly motion: RawImu;
  readonly word: string;
  readonly targets: { readonly gesture: Gesture };
};

/** A wearer who walks, and a cheap sensor. */
const everyday: Disturbances = { attitude: 0.5, bob: 0.012, noise: { accelerometer: 0.6, gyroscope: 0.12 } };

/** `count` simulated gestures, as many of each, in random order. Another key gives others. */
export function gestureSamples(count: number, key: RandomKey): GestureSample[] {
  const order = key.fold('order').shuffle(count);
  return Array.from(order, (number) => {
    const own = key.fold(number);
    const gesture = gestures[number % gestures.length];
    return {
      motion: measureMotion(drawMotion(gesture, own.fold('motion')), 50, own.fold('sensor'), everyday),
      word: describeGesture(gesture, own.fold('word')),
      targets: { gesture },
    };
  });
}
