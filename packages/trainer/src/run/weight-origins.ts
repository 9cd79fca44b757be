import type { Model } from '@polymodal/core';

/** What saved models the weights of a model of this process come from. */
const origins = new WeakMap<Model, readonly string[]>();

/** The checksums of the saved models that a model has taken weights from, in that order. */
export function originsOf(model: Model): readonly string[] {
  return origins.get(model) ?? [];
}

/** Notes one more of them. */
export function noteOrigin(model: Model, sha256: string): void {
  origins.set(model, [...originsOf(model).filter((own) => own !== sha256), sha256]);
}
