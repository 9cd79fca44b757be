import { type Batch, type Context, type EncodedTokens, type Encoders, mapRecord } from '@polymodal/core';
import { presentModalities } from './present-modalities';

/**
 * Runs the encoder of each modality that a row of the batch has, in the order of the encoders, whatever order the
 * batch lists them in.
 *
 * @throws MissingModalityError for a row that has none
 * @throws UnknownNameError for a modality without an encoder
 */
export function encodeModalities(
  encoders: Encoders,
  batch: Batch,
  context: Context,
): Readonly<Record<string, EncodedTokens>> {
  return mapRecord(presentModalities(encoders, batch), (input, slot) => encoders[slot].encode(input, context));
}
