import { text } from '@polymodal/encoder-text';
import { describe, expect, it } from 'vitest';
import { CreateError } from './create-error';
import { namesInUse } from './names-in-use';
import { pluginNames } from './plugin-names';

describe('pluginNames', () => {
  it.each([
    ['my-sensor', 'my-sensor', 'mySensor', 'MySensor'],
    ['polymodal-heart-rate', 'heart-rate', 'heartRate', 'HeartRate'],
    ['@acme/polymodal-ecg12-plugin', 'ecg12', 'ecg12', 'Ecg12'],
    ['@acme/lidar.points_2', 'lidar-points-2', 'lidarPoints2', 'LidarPoints2'],
    ['polymodal-imu-modality', 'imu', 'imu', 'Imu'],
    ['class', 'class', 'class', 'Class'], // only ever part of a name: classEncoder
  ])('calls the part of %s %s', (name, part, camelCase, pascalCase) => {
    const folder = name.replace('@acme/', '');
    expect(pluginNames(name, 'modality')).toEqual({ package: name, folder, part, camelCase, pascalCase });
  });

  it.each(['', 'My-Sensor', 'my sensor', '../up', '@acme', 'node_modules', '.hidden', 'a'.repeat(215), 'fs'])(
    'refuses "%s", as npm does',
    (name) => {
      expect(() => pluginNames(name, 'modality')).toThrow(CreateError);
      expect(() => pluginNames(name, 'modality')).toThrow(`received "${name}". npm says: `);
    },
  );

  it.each(['3d-points', 'polymodal', '@acme/plugin', 'polymodal-plugin', 'define'])('finds no part in "%s"', (name) => {
    expect(() => pluginNames(name, 'head')).toThrow(/that says what its part is called.* Classes and files/);
  });

  it('refuses what an encoder is called that it is tested beside', () => {
    expect(namesInUse.encoder).toEqual(text.encoders?.map(({ name }) => name));
    expect(() => pluginNames('polymodal-transformer', 'encoder')).toThrow('received "transformer"');
    expect(pluginNames('polymodal-transformer', 'head').part).toBe('transformer');
  });
});
