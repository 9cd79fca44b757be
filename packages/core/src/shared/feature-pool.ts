import type { Features, HostTensor } from '../features';
import { hashFeatures, wordsOf } from '../hash-features';

/** Keeps one of each that is equal, to the byte: what many samples share takes the memory of one, and is known again by itself. */
export class FeaturePool {
  readonly #byHash = new Map<number, Features[]>();

  /** The features that equal these and came first; these, if none did. */
  first(features: Features): Features {
    const known = this.find(features);
    if (known) return known;
    const hash = hashFeatures(features);
    this.#byHash.set(hash, [...(this.#byHash.get(hash) ?? []), features]);
    return features;
  }

  /** Those of them that equal these. */
  find(features: Features): Features | undefined {
    return this.#byHash.get(hashFeatures(features))?.find((own) => areEqual(own, features));
  }
}

function areEqual(a: Features, b: Features): boolean {
  if (a === b) return true;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => name in b && isSame(a[name], b[name]));
}

function isSame(a: HostTensor, b: HostTensor): boolean {
  if (a.data.constructor !== b.data.constructor || String(a.shape) !== String(b.shape)) return false;
  const [own, other] = [wordsOf(a.data), wordsOf(b.data)];
  return own.every((word, index) => word === other[index]);
}
