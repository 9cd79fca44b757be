import type * as tf from '@tensorflow/tfjs-core';
import type { FusedPart } from '../fused-part';
import type { Encoders, Fusion } from '../fusion';
import type { EncodedTokens, Fused } from '../tokens';

/** The parts of a fused batch that consist of tensors, and of what is known without it. */
const tensorParts: readonly FusedPart[] = ['encoded', 'owner', 'gates', 'usage'];

/** Those with a tensor for each slot. */
const bySlot = ['gates', 'usage'] as const;

/** Whether all that a fusion offers can be what a program gives back. */
export function hasTensorsAlone(fusion: Fusion): boolean {
  return fusion.offers.every((part) => tensorParts.includes(part));
}

/** What a fusion offers of a batch whose rows all have the same modalities, as one flat record. No head is called `fused`. */
export function fusedTensors(fused: Fused): tf.NamedTensorMap {
  const { tokens, mask, pooled, encoded, owner } = fused;
  const named: tf.NamedTensorMap = { 'fused/tokens': tokens, 'fused/mask': mask, 'fused/pooled': pooled };
  for (const [slot, own] of Object.entries(encoded ?? {})) {
    for (const part of ['tokens', 'mask', 'pooled'] as const) named[`fused/encoded/${slot}/${part}`] = own[part];
  }
  if (owner) named['fused/owner'] = owner.map;
  for (const part of bySlot) {
    for (const [slot, own] of Object.entries(fused[part] ?? {})) named[`fused/${part}/${slot}`] = own;
  }
  return named;
}

/** The fused batch that {@link fusedTensors} took apart. */
export function fusedOf(named: tf.NamedTensorMap, { offers }: Fusion, encoders: Encoders): Fused {
  const get = <T extends tf.Tensor>(name: string) => named[`fused/${name}`] as T;
  const of = <T>(part: string, make: (slot: string) => T): Record<string, T> => {
    const present = Object.keys(encoders).filter((slot) =>
      Object.keys(named).some((name) => `${name}/`.startsWith(`fused/${part}/${slot}/`)),
    );
    return Object.fromEntries(present.map((slot) => [slot, make(slot)]));
  };
  const tokens = get<tf.Tensor3D>('tokens');
  const rows = Int32Array.from({ length: tokens.shape[0] }, (_, row) => row);
  const encoding = (slot: string): EncodedTokens => ({
    tokens: get(`encoded/${slot}/tokens`),
    mask: get(`encoded/${slot}/mask`),
    pooled: get(`encoded/${slot}/pooled`),
    rows,
  });
  return {
    tokens,
    mask: get('mask'),
    pooled: get('pooled'),
    ...(offers.includes('encoded') && { encoded: of('encoded', encoding) }),
    ...(offers.includes('owner') && { owner: { map: get('owner'), slots: Object.keys(encoders) } }),
    ...Object.fromEntries(
      bySlot.flatMap((part) =>
        offers.includes(part) ? [[part, of(part, (slot) => get<tf.Tensor2D>(`${part}/${slot}`))]] : [],
      ),
    ),
  };
}
