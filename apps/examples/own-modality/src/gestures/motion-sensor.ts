import type { RandomKey } from '@polymodal/core';
import type { RawImu } from '../read-imu.js';
import type { Motion } from './motion.js';
import { uniformIn } from './uniform-in.js';
import { rotate, type Vector } from './vector.js';

/** m/s² */
export const gravity = 9.81;

/** What disturbs the measurement: a hand that is never still, a sensor that is not calibrated, noise. */
export interface Disturbances {
  /** How the device lies in the hand before the gesture: up to so many radians from upright. */
  readonly attitude: number;
  /** How far a walking wearer bobs up and down, in metres. */
  readonly bob: number;
  /** Standard deviation of the noise of the accelerometer in m/s², of the gyroscope in rad/s. */
  readonly noise: { readonly accelerometer: number; readonly gyroscope: number };
}

/**
 * What a device that makes a motion measures, in its own axes: specific force in m/s² (at rest, gravity upwards) and
 * angular velocity in rad/s. Both follow from the motion by differentiation.
 *
 * @param rate Hz
 */
export function measureMotion(motion: Motion, rate: number, key: RandomKey, disturbances: Disturbances): RawImu {
  const { attitude, bob, noise } = disturbances;
  const direction = uniformIn(key.fold('direction'), 0, 2 * Math.PI); // to which it leans
  const lean = uniformIn(key.fold('lean'), 0, attitude);
  const walking = { size: uniformIn(key.fold('bob'), 0, bob), phase: uniformIn(key.fold('phase'), 0, 2 * Math.PI) };
  const length = Math.round(motion.seconds * rate);
  const noises = key.fold('noise').normal(6 * length);
  const readings = Array.from({ length }, (_, index) => {
    const time = index / rate;
    const [x, y, z] = secondDerivative(motion.position, time);
    const toDevice = (vector: Vector) =>
      rotate(rotate(vector, motion.axis, -motion.angle(time)), [Math.cos(direction), Math.sin(direction), 0], -lean);
    const force = toDevice([x, y, z + gravity + bobbing(walking, time)]);
    const turn = derivative(motion.angle, time);
    const turning = toDevice([motion.axis[0] * turn, motion.axis[1] * turn, motion.axis[2] * turn]);
    return [
      ...force.map((value, axis) => value + noise.accelerometer * noises[6 * index + axis]),
      ...turning.map((value, axis) => value + noise.gyroscope * noises[6 * index + 3 + axis]),
    ];
  });
  return { readings, rate };
}

/** The acceleration of a step, two of which are made a second. */
function bobbing({ size, phase }: { readonly size: number; readonly phase: number }, time: number): number {
  const speed = 2 * Math.PI * 2; // rad/s
  return -size * speed ** 2 * Math.sin(speed * time + phase);
}

const instant = 1e-3; // seconds: far shorter than any motion here, far longer than rounding would allow

function derivative(of: (time: number) => number, time: number): number {
  return (of(time + instant) - of(time - instant)) / (2 * instant);
}

function secondDerivative(of: (time: number) => Vector, time: number): Vector {
  const [before, now, after] = [of(time - instant), of(time), of(time + instant)];
  const along = (axis: 0 | 1 | 2) => (after[axis] - 2 * now[axis] + before[axis]) / instant ** 2;
  return [along(0), along(1), along(2)];
}
