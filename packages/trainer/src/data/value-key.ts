import { createHash } from 'node:crypto';
import type { Features } from '@polymodal/core';

/** Features are not changed once they are made, and those in memory are asked for again in every epoch. */
const known = new WeakMap<Features, string>();

/** What features of one value are known again by: a checksum of all that is in them. */
export function valueKey(features: Features): string {
  const key = known.get(features) ?? computed(features);
  known.set(features, key);
  return key;
}

function computed(features: Features): string {
  const hash = createHash('sha256');
  for (const [name, { data, shape, dtype }] of Object.entries(features)) {
    hash.update(`${name} ${dtype} ${data.constructor.name} ${shape}\n`);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}
