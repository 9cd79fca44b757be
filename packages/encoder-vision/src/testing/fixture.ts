import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { decodeSafetensors, type NamedTensor } from '@polymodal/core';

/** Where a fixture file is. `tools/parity/vision.py` makes them. */
export function fixturePath(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));
}

/** The tensors of a fixture. */
export function fixtureTensors(name: string): ReadonlyMap<string, NamedTensor> {
  return decodeSafetensors(readFileSync(fixturePath(name)), name).tensors;
}
