import { type Compiled, compiled } from '@polymodal/core';
import { CachedTokenDecoder, lastOf, type TokenDecoder } from '@polymodal/generation';
import * as tf from '@tensorflow/tfjs-core';
import { type AttendedTokens, keptAxes, keptTensors, keptTokens } from './attended-tokens';
import type { CrossAttentionDecoder, DecoderTokens } from './cross-attention-decoder';

/** Rows that are written about. */
export interface WrittenRows {
  /** Of one sequence for each row, in their order. */
  readonly decoder: TokenDecoder;
  /** Frees what the layers look at. */
  dispose(): void;
}

/** Writes with a decoder, and keeps what it compiles for the next rows, until it is disposed. */
export class DecoderWriter {
  readonly #keep: Compiled<{ tokens: tf.Tensor3D; mask: tf.Tensor2D }, tf.NamedTensorMap>;
  readonly #decoder: CachedTokenDecoder;

  constructor(decoder: CrossAttentionDecoder) {
    const { cacheSizes, vocabSize, maxPositionEmbeddings: maxLength } = decoder;
    const depth = cacheSizes.windows.length;
    const keep = (attended: { tokens: tf.Tensor3D; mask: tf.Tensor2D }) => {
      const { mask: _, ...kept } = keptTensors(decoder.keep(attended));
      return kept;
    };
    this.#keep = compiled(keep, {
      dynamicAxes: { tokens: { 0: 'rows', 1: 'attended' }, mask: { 0: 'rows', 1: 'attended' } },
    });
    this.#decoder = new CachedTokenDecoder({
      ...{ cacheSizes, vocabSize, maxLength, memoryAxes: keptAxes(depth) },
      decode({ features, memory }, before) {
        const { inputIds, mask } = features;
        const given: DecoderTokens = { inputIds: inputIds as tf.Tensor2D, mask: mask as tf.Tensor2D };
        const { tokens, past } = decoder.decode(given, keptTokens(memory, depth), before);
        return { outputs: { logits: decoder.logits(lastOf(tokens)) }, past };
      },
    });
  }

  /** Looks at what is written about, once for each row. */
  about({ tokens, mask }: AttendedTokens): WrittenRows {
    const kept = tf.tidy(() => ({ ...this.#keep({ tokens, mask }), mask: tf.clone(mask) }));
    return { decoder: this.#decoder.about(kept), dispose: () => tf.dispose(Object.values(kept)) };
  }

  dispose(): void {
    this.#keep.dispose();
    this.#decoder.dispose();
  }
}
