import { type FeatureMasks, type Features, sequenceFeatures, tensorValues } from '@polymodal/core';
import { ConformanceError } from '../conformance-error';

/**
 * What a processor declares of its masks is so: each is among the features, float32 on the backend, of 0 and 1 alone, and its axes
 * are the first of what it covers.
 */
export function expectMasks(where: string, masks: FeatureMasks, features: Features): void {
  for (const [name, covered] of Object.entries(masks)) {
    const fail = (expected: string, received: string) =>
      new ConformanceError({ where: `${where}, mask ${name}`, expected, received });
    const mask = features[name];
    if (!mask) throw fail('a feature of this name, since masks declares it', Object.keys(features).join(', '));
    const other = mask.data.find((value) => value !== 0 && value !== 1);
    if (other !== undefined) throw fail('0 and 1 alone', String(other));
    if (tensorValues(mask) instanceof Int32Array)
      throw fail("float32 on the backend, as dtype: 'float32' says", 'int32');
    if (covered.length === 0) throw fail('the names of the features that it covers', 'none');
    for (const feature of covered) {
      const shape = features[feature]?.shape;
      if (!shape && (sequenceFeatures as readonly string[]).includes(feature)) continue; // not every batch has them
      if (shape && mask.shape.every((length, axis) => length === shape[axis])) continue;
      throw fail(`${feature} with axes that begin with [${mask.shape}]`, shape ? `[${shape}]` : 'no such feature');
    }
  }
}
