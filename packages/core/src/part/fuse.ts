import * as tf from '@tensorflow/tfjs-core';
import type { Batch, ModalityBatch } from '../batch';
import type { Context } from '../context';
import { describeValue } from '../describe-value';
import { encodersOf } from '../encoded/given-encoder';
import type { Encoder } from '../encoder';
import { PartError } from '../errors';
import type { Encoders, Fusion } from '../fusion';
import { isRecord } from '../require-argument';
import type { EncodedTokens, Fused } from '../tokens';
import { askPart } from './ask-part';
import { checkTensor } from './check-tensor';

/** The parts that fuse a batch. */
export interface FusingParts {
  readonly encoders: Encoders;
  readonly fusion: Fusion;
}

/**
 * Encodes and fuses a batch, and makes sure that what comes is what the fusion has to give and offers. Where it is not, or something is
 * thrown, the encoders are looked at one by one, so that the error names the one whose fault it is.
 *
 * @throws PartError
 */
export function fuse({ encoders: all, fusion }: FusingParts, batch: Batch, context: Context): Fused {
  const encoders = encodersOf(all, batch);
  try {
    const fused = askPart('fusion', 'forward()', () => fusion.forward(encoders, batch, context), context.signal);
    checkFused(fused, { encoders, fusion }, batch);
    return fused;
  } catch (error) {
    if (PartError.isInstance(error)) checkEncoders(encoders, batch, context);
    throw error;
  }
}

function checkFused(fused: Fused, { encoders, fusion }: FusingParts, { size, modalities }: Batch): void {
  requireRecord('fusion', 'tokens, mask and pooled', fused);
  const { hiddenSize, offers } = fusion;
  checkTensor('fusion, tokens', fused.tokens, [size, 'N', hiddenSize]);
  const length = fused.tokens.shape[1];
  checkTensor('fusion, mask', fused.mask, [size, length]);
  checkTensor('fusion, pooled', fused.pooled, [size, hiddenSize]);
  const missing = offers.find((part) => fused[part] === undefined);
  if (missing !== undefined) {
    throw new PartError({ where: 'fusion', expected: `"${missing}", which it offers`, received: 'none' });
  }
  const { encoded, owner, gates, usage } = fused;
  if (encoded !== undefined) {
    requireRecord('fusion, encoded', 'what the encoders gave, by slot', encoded);
    for (const [slot, input] of Object.entries(modalities)) {
      const own = encoded[slot];
      checkEncoded(`fusion, encoded.${slot}`, own, encoders[slot], input);
    }
  }
  if (owner !== undefined) {
    requireRecord('fusion, owner', 'a map and its slots', owner);
    checkTensor('fusion, owner.map', owner.map, [size, length]);
    const slots = Object.keys(encoders).join(', ');
    const own = Array.isArray(owner.slots) ? owner.slots.join(', ') : describeValue(owner.slots);
    if (own !== slots) throw new PartError({ where: 'fusion, owner.slots', expected: slots, received: own });
  }
  for (const [part, shares] of Object.entries({ gates, usage })) {
    if (shares === undefined) continue;
    requireRecord(`fusion, ${part}`, 'tensors by slot', shares);
    for (const [slot, own] of Object.entries(shares)) checkTensor(`fusion, ${part}.${slot}`, own, [size, 'L']);
  }
}

/** Runs each encoder by itself. @throws PartError naming the slot of the first that does not keep to its contract */
function checkEncoders(encoders: Encoders, { modalities }: Batch, context: Context): void {
  for (const [slot, input] of Object.entries(modalities)) {
    tf.tidy(() => {
      const encoder = encoders[slot];
      const part = `encoder "${slot}"`;
      const { stages, encoded } = askPart(part, 'encode()', () => encoder.encodeStages(input, context), context.signal);
      stages.forEach(({ tokens }, index) => {
        const stage = index === 0 ? 'embed()' : `layer(${index - 1})`;
        checkTensor(`${part}, ${stage}`, tokens, [input.rows.length, 'N', encoder.widthAt(index)]);
      });
      checkEncoded(part, encoded, encoder, input);
    });
  }
}

function checkEncoded(
  where: string,
  encoded: EncodedTokens | undefined,
  encoder: Encoder,
  { rows }: ModalityBatch,
): void {
  requireRecord(where, 'tokens, mask, rows and pooled', encoded);
  checkTensor(`${where}, tokens`, encoded.tokens, [rows.length, 'N', encoder.hiddenSize]);
  checkTensor(`${where}, mask`, encoded.mask, [rows.length, encoded.tokens.shape[1]]);
  checkTensor(`${where}, pooled`, encoded.pooled, [rows.length, encoder.pooledSize]);
  if (encoded.rows?.length === rows.length) return;
  throw new PartError({
    where: `${where}, rows`,
    expected: `the ${rows.length} rows that have the modality`,
    received: encoded.rows ? `${encoded.rows.length}` : 'none',
  });
}

function requireRecord(where: string, expected: string, value: unknown): asserts value is object {
  if (!isRecord(value)) throw new PartError({ where, expected, received: describeValue(value) });
}
