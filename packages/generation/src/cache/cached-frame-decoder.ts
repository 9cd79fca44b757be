import { hostTensor } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Decoding } from '../decoding';
import type { FrameDecoder, NextFrames } from '../frame-decoder';
import { CachedDecoder } from './cached-decoder';
import { CachedDecoding, type Outputs } from './cached-decoding';
import type { CachedPass } from './cached-pass';
import type { Decodable } from './decodable';

/**
 * A model whose frames follow one another. Its features are `frames` (B, N, M), and its outputs are, of the frame after the last,
 * `frames` (B, M) and `stops` (B), the probability that it is the last one.
 */
export interface DecodableFrames extends Decodable {
  readonly frameSize: number;
  readonly maxLength: number;
}

/** Continues frames with a cache. It keeps what it compiles for the next sequences, until it is disposed. */
export class CachedFrameDecoder implements FrameDecoder {
  readonly #model: DecodableFrames;
  readonly #cached: CachedPass;
  readonly #memory: tf.NamedTensorMap;

  /** @param memory what the sequences are about, each (B, …): see `DecodingInputs` */
  constructor(model: DecodableFrames, cached: CachedPass = new CachedDecoder(model), memory: tf.NamedTensorMap = {}) {
    this.#model = model;
    this.#cached = cached;
    this.#memory = memory;
  }

  get frameSize(): number {
    return this.#model.frameSize;
  }

  get maxLength(): number {
    return this.#model.maxLength;
  }

  /** The same for sequences that are about something: each (B, …), by the names that the model gives it. It is not disposed. */
  about(memory: tf.NamedTensorMap): CachedFrameDecoder {
    return new CachedFrameDecoder(this.#model, this.#cached, memory);
  }

  start(prompts: readonly Float32Array[], room: number): Decoding<Float32Array, NextFrames> {
    const { frameSize } = this;
    const features = prompts.map((prompt) => ({ frames: hostTensor(prompt, [prompt.length / frameSize, frameSize]) }));
    const options = { maxLength: this.maxLength, room, memory: this.#memory };
    return new CachedFrames(new CachedDecoding(this.#cached, features, options), frameSize);
  }

  /** Releases what was compiled. */
  dispose(): void {
    this.#cached.dispose();
  }
}

class CachedFrames implements Decoding<Float32Array, NextFrames> {
  readonly #decoding: CachedDecoding;
  readonly #frameSize: number;

  constructor(decoding: CachedDecoding, frameSize: number) {
    this.#decoding = decoding;
    this.#frameSize = frameSize;
  }

  async prefill(): Promise<NextFrames> {
    return framesOf(await this.#decoding.prefill());
  }

  async step(items: readonly Float32Array[]): Promise<NextFrames> {
    const values = new Float32Array(items.length * this.#frameSize);
    items.forEach((frame, row) => values.set(frame, row * this.#frameSize));
    const frames = tf.tensor3d(values, [items.length, 1, this.#frameSize]);
    return framesOf(await this.#decoding.step({ frames }));
  }

  select(rows: readonly number[]): void {
    this.#decoding.select(rows);
  }

  dispose(): void {
    this.#decoding.dispose();
  }
}

function framesOf({ frames, stops }: Outputs): NextFrames {
  return { frames, stops };
}
