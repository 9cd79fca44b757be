import { type Features, type HostTensor, hostTensor } from '@polymodal/core';
import { ConformanceError } from '../conformance-error';

const arrays = [Float32Array, Int32Array, Uint16Array, Int16Array, Uint8Array];

/** Checks that something is features: named host tensors whose data fit their shapes. */
export function expectFeatures(where: string, value: unknown): asserts value is Features {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) {
    throw new ConformanceError({ where, expected: 'named host tensors', received: JSON.stringify(value) ?? 'nothing' });
  }
  for (const [name, feature] of Object.entries(value) as [string, HostTensor][]) {
    const { data, shape, dtype } = feature ?? {};
    if (!arrays.some((Values) => data instanceof Values) || !Array.isArray(shape)) {
      const received = `data ${data?.constructor?.name} and shape ${JSON.stringify(shape)}`;
      const expected = `data as ${arrays.map(({ name }) => name).join(', ')}, and a shape`;
      throw new ConformanceError({ where: `${where}, feature ${name}`, expected, received });
    }
    hostTensor(data, shape, dtype);
  }
}

/** The element types of features, which must not depend on the value. */
export function featureTypes(features: Features): string {
  return Object.entries(features)
    .map(([name, { data, shape, dtype }]) => {
      const type = dtype ? `${data.constructor.name} that is ${dtype}` : data.constructor.name;
      return `${name}: ${type} with ${shape.length} axes`;
    })
    .join(', ');
}
