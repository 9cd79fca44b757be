import { type Features, type HostTensor, hostTensor } from '@polymodal/core';
import { ConformanceError } from '../conformance-error';

/** Checks that something is features: named host tensors whose data fit their shapes. */
export function expectFeatures(where: string, value: unknown): asserts value is Features {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) {
    throw new ConformanceError({ where, expected: 'named host tensors', received: JSON.stringify(value) ?? 'nothing' });
  }
  for (const [name, feature] of Object.entries(value) as [string, HostTensor][]) {
    const { data, shape } = feature ?? {};
    if (!(data instanceof Float32Array || data instanceof Int32Array) || !Array.isArray(shape)) {
      const received = `data ${data?.constructor?.name} and shape ${JSON.stringify(shape)}`;
      const expected = 'data as Float32Array or Int32Array, and a shape';
      throw new ConformanceError({ where: `${where}, feature ${name}`, expected, received });
    }
    hostTensor(data, shape);
  }
}

/** The element types of features, which must not depend on the value. */
export function featureTypes(features: Features): string {
  return Object.entries(features)
    .map(([name, { data, shape }]) => `${name}: ${data.constructor.name} with ${shape.length} axes`)
    .join(', ');
}
