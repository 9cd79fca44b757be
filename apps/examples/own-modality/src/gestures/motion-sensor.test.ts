import { RandomKey } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { drawMotion, gestures, type Motion } from './motion.js';
import { gravity, measureMotion } from './motion-sensor.js';

const ideal = { attitude: 0, bob: 0, noise: { accelerometer: 0, gyroscope: 0 } };
const key = RandomKey.from(5);
const rest: Motion = { seconds: 1, position: () => [0, 0, 0], axis: [1, 0, 0], angle: () => 0 };
const rows = (motion: Motion, disturbances = ideal) =>
  measureMotion(motion, 100, key, disturbances).readings as readonly (readonly number[])[];

describe('measureMotion', () => {
  it('measures gravity, upwards, and no turning at rest', () => {
    for (const reading of rows(rest)) expect(reading.map((value) => value + 0)).toEqual([0, 0, gravity, 0, 0, 0]);
  });

  it('measures gravity in any attitude, shared among the axes', () => {
    const leaning = rows(rest, { ...ideal, attitude: 0.5 })[0];
    expect(Math.hypot(leaning[0], leaning[1], leaning[2])).toBeCloseTo(gravity, 9);
    expect(leaning[2]).toBeLessThan(gravity);
    const turned = rows({ ...rest, axis: [0, 1, 0], angle: () => Math.PI / 2 })[0];
    expect(turned[0]).toBeCloseTo(-gravity, 9); // what was x points down now
  });

  it('measures the centripetal acceleration ω² r on a circle', () => {
    const [radius, speed] = [0.1, 7];
    const circle: Motion = {
      ...rest,
      position: (time) => [radius * Math.cos(speed * time), 0, radius * Math.sin(speed * time)],
    };
    for (const [x, y, z] of rows(circle)) {
      expect(Math.hypot(x, y, z - gravity)).toBeCloseTo(speed ** 2 * radius, 3); // differences of second order
    }
  });

  it('measures a turning speed that sums up to the angle', () => {
    const tilt: Motion = { ...rest, axis: [0, 1, 0], angle: (time) => Math.sin((Math.PI * time) / 2) };
    const turned = rows(tilt).reduce((sum, reading) => sum + reading[4] / 100, 0);
    expect(turned).toBeCloseTo(1, 1); // from 0 to 1 rad in a second, summed in steps of 10 ms
  });

  it('adds noise of the given size', () => {
    const noisy = rows({ ...rest, seconds: 50 }, { ...ideal, noise: { accelerometer: 0.6, gyroscope: 0.1 } });
    const deviation = (column: number, mean: number) =>
      Math.sqrt(noisy.reduce((sum, reading) => sum + (reading[column] - mean) ** 2, 0) / noisy.length);
    expect(deviation(2, gravity) / 0.6).toBeCloseTo(1, 1); // 5,000 readings: the deviation is known to 1 %
    expect(deviation(3, 0) / 0.1).toBeCloseTo(1, 1);
  });
});

describe('drawMotion', () => {
  it.each(gestures)('draws another %s with another key, and the same with the same', (gesture) => {
    const drawn = (seed: number) => rows(drawMotion(gesture, RandomKey.from(seed)));
    expect(drawn(1)).toEqual(drawn(1));
    expect(drawn(1)).not.toEqual(drawn(2));
    expect(drawn(1).flat().every(Number.isFinite)).toBe(true);
  });
});
