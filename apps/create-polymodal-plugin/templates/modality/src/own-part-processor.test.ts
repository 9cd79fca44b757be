import { ConfigError, parseConfig, SampleError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { ownPartProcessor } from './own-part-processor.js';

const processorWith = (options: object) =>
  ownPartProcessor.create(parseConfig(ownPartProcessor.config, options, ''), {
    slot: 'subject',
    savedFile: () => undefined,
  });

// The conformance kit cannot know what your features mean: hold that against something you did not write.
describe('OwnPartProcessor', () => {
  it('divides each channel by its scale', () => {
    const { readings } = processorWith({ channels: 2, scale: [2, 4] }).process([
      [6, 6],
      [-1, 0],
    ]);
    expect([...readings.data]).toEqual([3, 1.5, -0.5, 0]);
    expect(readings.shape).toEqual([2, 2]);
  });

  it('takes the first readings of a long value', () => {
    const { readings } = processorWith({ channels: 1, maxReadings: 2 }).process([[1], [2], [3]]);
    expect([...readings.data]).toEqual([1, 2]);
  });

  it('says which reading is wrong', () => {
    const read = () => processorWith({ channels: 2 }).process([[1, 2], [3]]);
    expect(read).toThrow(SampleError);
    expect(read).toThrow('expected 2 finite numbers in each reading, received an array of 1 as reading 1');
  });

  it('refuses a scale that is not one number for each channel', () => {
    expect(() => processorWith({ channels: 2, scale: [1] })).toThrow(ConfigError);
  });
});
