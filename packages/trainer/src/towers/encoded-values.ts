import { createHash } from 'node:crypto';
import type { EncodedFeatures, Features } from '@polymodal/core';
import { byteLength } from '../data/byte-length';
import type { CacheBudget } from '../data/cache-budget';
import type { CacheRoom } from '../data/feature-cache/cache-room';
import { FeatureCache } from '../data/feature-cache/feature-cache';
import { valueKey } from '../data/value-key';
import type { KeptValues } from '../run/kept-values';

/** A folder for what encoders gave. */
export interface EncodedFolder {
  readonly directory: string;
  readonly maxBytes: number;
  readonly room: CacheRoom;
}

/** What an encoder gave of values, in memory as far as the bound allows, and in a folder where there is one. */
export class EncodedValues {
  readonly #kept = new Map<string, EncodedFeatures>();
  readonly #slot: string;
  readonly #identity: string;
  readonly #budget: CacheBudget;
  readonly #folder: EncodedFolder | undefined;
  readonly #files: FeatureCache | undefined;
  #isFull = false;
  #bytes = 0;

  /** @param identity of the encoder: one that would give something else has another */
  constructor(slot: string, identity: string, budget: CacheBudget, folder: EncodedFolder | undefined) {
    this.#slot = slot;
    this.#identity = identity;
    this.#budget = budget;
    this.#folder = folder;
    this.#files = folder && new FeatureCache({ ...folder, identity });
  }

  get kept(): KeptValues {
    return { slot: this.#slot, values: this.#kept.size, bytes: this.#bytes, most: this.#budget.bytes };
  }

  /** Whether there is room for more. */
  get hasRoom(): boolean {
    return !this.#isFull || (this.#folder?.room.hasRoom ?? false);
  }

  async find(features: Features): Promise<EncodedFeatures | undefined> {
    const kept = this.#kept.get(valueKey(features));
    if (kept) return kept;
    const found = this.#files?.find(this.#fileKey(features));
    const encoded = found?.features[this.#slot] as EncodedFeatures | undefined;
    if (encoded) this.#remember(features, encoded);
    return encoded;
  }

  async keep(features: Features, encoded: EncodedFeatures): Promise<void> {
    this.#remember(features, encoded);
    if (!this.#files || !this.#folder?.room.hasRoom) return;
    const bytes = this.#files.keep(this.#fileKey(features), { features: { [this.#slot]: encoded }, targets: {} });
    if (bytes > 0) await this.#folder.room.add(bytes);
  }

  /** Lets go of its files. */
  close(): void {
    this.#files?.close();
  }

  #remember(features: Features, encoded: EncodedFeatures): void {
    const key = valueKey(features);
    if (this.#kept.has(key)) return;
    const bytes = byteLength({ features: { [this.#slot]: encoded }, targets: {} });
    const fits = this.#budget.take(bytes);
    if (fits) {
      this.#kept.set(key, encoded);
      this.#bytes += bytes;
    }
    this.#isFull ||= !fits;
  }

  #fileKey(features: Features): string {
    return createHash('sha256')
      .update(`encoded ${this.#identity} ${valueKey(features)}`)
      .digest('hex');
  }
}
