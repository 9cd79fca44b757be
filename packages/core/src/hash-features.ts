import type { Features, HostData } from './features';

/** Features are not changed once they are made, and are asked for again in every batch. */
const known = new WeakMap<Features, number>();

/** A number of 32 bits that equal features share (FNV-1a over their words), and others rarely do. */
export function hashFeatures(features: Features): number {
  const hash = known.get(features) ?? computed(features);
  known.set(features, hash);
  return hash;
}

function computed(features: Features): number {
  let hash = 0x811c9dc5;
  for (const { data } of Object.values(features)) {
    for (const word of wordsOf(data)) hash = Math.imul(hash ^ word, 0x01000193);
  }
  return hash;
}

/** Numbers as the words that they consist of, four bytes each where they are aligned: so NaN equals itself. */
export function wordsOf({ buffer, byteOffset, byteLength }: HostData): Uint8Array | Uint32Array {
  const isAligned = byteOffset % 4 === 0 && byteLength % 4 === 0;
  return isAligned
    ? new Uint32Array(buffer, byteOffset, byteLength / 4)
    : new Uint8Array(buffer, byteOffset, byteLength);
}
