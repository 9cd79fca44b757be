import { ConfigError, parseConfig, SampleError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { imuProcessor } from './imu-processor.js';

const create = (options: object = {}) =>
  imuProcessor.create(parseConfig(imuProcessor.config, { channels: 2, ...options }, ''), {
    slot: 'motion',
    savedFile: () => undefined,
  });

/** A line in each channel, which linear interpolation keeps. */
const ramp = (length: number, rate: number) =>
  Array.from({ length }, (_, index) => [index / rate, 5 - (3 * index) / rate]);

describe('ImuProcessor', () => {
  it('takes rows and one array alike', () => {
    const processor = create({ rate: 10 });
    const rows = ramp(7, 10);
    const flat = Float32Array.from(rows.flat());
    expect(processor.process({ readings: rows, rate: 10 })).toEqual(processor.process({ readings: flat, rate: 10 }));
    expect(processor.process({ readings: flat, rate: 10 }).readings).toEqual({ data: flat, shape: [7, 2] });
  });

  it.each([5, 20, 33])('keeps what was measured at %i Hz in its place in time at 10 Hz', (rate) => {
    const { readings } = create({ rate: 10 }).process({ readings: ramp(2 * rate, rate), rate });
    expect(readings.shape).toEqual([20, 2]);
    const end = (2 * rate - 1) / rate; // seconds: the last reading, beyond which it is held
    ramp(20, 10).forEach((_, t) => {
      const time = Math.min(t / 10, end);
      expect(readings.data[2 * t]).toBeCloseTo(time, 5);
      expect(readings.data[2 * t + 1]).toBeCloseTo(5 - 3 * time, 5);
    });
  });

  it('divides each channel by its scale', () => {
    const { readings } = create({ rate: 10, scale: [2, 4] }).process({ readings: [[6, 6]], rate: 10 });
    expect([...readings.data]).toEqual([3, 1.5]);
  });

  it('cuts a long recording, and one of an absurd rate too', () => {
    const processor = create({ rate: 10, maxSeconds: 1.5 });
    expect(processor.process({ readings: ramp(40, 10), rate: 10 }).readings.shape).toEqual([15, 2]);
    expect(processor.process({ readings: ramp(40, 10), rate: 1e-9 }).readings.shape).toEqual([15, 2]);
    expect(processor.process({ readings: ramp(40, 10), rate: 1e9 }).readings.shape).toEqual([1, 2]);
  });

  it.each<[unknown, RegExp]>([
    ['walk.csv', /expected \{ readings: number\[\]\[\] or Float32Array, rate \}, received "walk\.csv"/],
    [{ readings: [[1, 2]] }, /expected a rate in Hz, above 0, received nothing/],
    [{ readings: [[1, 2], [3]], rate: 10 }, /expected 2 numbers in each reading, received an array of 1 as reading 1/],
    [{ readings: new Float32Array(5), rate: 10 }, /expected at least one reading of 2 channels, received 5 values/],
    [
      {
        readings: [
          [1, 2],
          [3, Number.NaN],
        ],
        rate: 10,
      },
      /expected finite readings, received NaN in reading 1/,
    ],
  ])('says what is wrong with the raw value %j', (raw, message) => {
    const process = () => create().process(raw as never);
    expect(process).toThrow(SampleError);
    expect(process).toThrow(message);
  });

  it('refuses a scale that is not one number for each channel', () => {
    expect(() => create({ scale: [1, 2, 3] })).toThrow(ConfigError);
    expect(() => create({ scale: [1, 2, 3] })).toThrow('encoders.motion.scale: expected 2 numbers');
  });
});
