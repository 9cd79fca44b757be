import { createHash } from 'node:crypto';
import type { Model } from '@polymodal/core';
import { versionOf } from '../data/feature-cache/cache-identity';

/**
 * What an encoder gives of values by, as a checksum: its config, adapters that are in use, all of its parameters, how it is computed, and
 * the versions of the packages whose code it is.
 */
export async function towerIdentity(
  model: Model,
  slot: string,
  { precision, pooledOnly }: { readonly precision: string; readonly pooledOnly: boolean },
): Promise<string> {
  const hash = createHash('sha256');
  const { encoders, adapters, hiddenSize } = model.config;
  hash.update(JSON.stringify([precision, pooledOnly, hiddenSize, encoders[slot], adapters ?? []]));
  const encoder = model.encoders[slot];
  for (const [path, parameter] of encoder.parameters()) {
    const { buffer, byteOffset, byteLength } = await parameter.viewValues();
    hash.update(`\n${path} ${parameter.shape} `).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  for (const [path, own] of encoder.modules()) if ('isInUse' in own) hash.update(`\n${path} ${own.isInUse}`);
  for (const { name, module } of model.plugins) hash.update(`\n${name} ${await versionOf(module)}`);
  hash.update(`\ntrainer ${await versionOf(import.meta.url)}`);
  return hash.digest('hex');
}
