import type { Context, ModalityBatch, Sequence, Tokens } from '@polymodal/core';
import type { CacheSizes, CausalEncoder } from '@polymodal/generation';
import { type AttentionState, causalState, EVERYTHING, type Past } from '@polymodal/nn';
import type { TextFeatures } from './text-features';
import { TextTransformer } from './text-transformer';

/**
 * A {@link TextTransformer} whose tokens see themselves and those before them, which can be decoded with a cache (GPT-2, Radford et
 * al. 2019; HF `GPT2Model`).
 */
export class CausalTextTransformer extends TextTransformer implements CausalEncoder {
  /** @throws ShapeError for more tokens than there are positions */
  override embed(batch: ModalityBatch<TextFeatures>, context: Context, past?: Past): Tokens<AttentionState> {
    return this.begin(this.words(batch), context, { positionIds: batch.features.positionIds, past });
  }

  /** @throws ShapeError for more tokens than there are positions */
  override adopt(sequence: Sequence, context: Context, past?: Past): Tokens<AttentionState> {
    return this.begin(sequence, context, { past });
  }

  get cacheSizes(): CacheSizes {
    const { numKeyValueHeads, headDim } = this.layers[0]!.attention;
    const windows = this.layers.map(() => EVERYTHING);
    return { numKeyValueHeads, headDim, windows, lengthWithSamePositions: () => this.maxPositionEmbeddings };
  }

  protected override stateOf(length: number, past: Past | undefined): AttentionState {
    return causalState(length, [EVERYTHING], past);
  }
}
