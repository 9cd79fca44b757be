import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readParameters } from '@polymodal/core';
import { type Family, loadPretrained, openCheckpoint, savePretrained } from '@polymodal/hub';
import { expectSameValues } from '../compare/expect-same-values';
import type { Values } from '../compare/read-tensors';

/** Checks that a checkpoint, saved and loaded again, has the values that it had, and the names and shapes of its gradients. */
export async function expectSavingKeeps(families: readonly Family[], fixture: string): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'polymodal-family-'));
  try {
    const loaded = await loadPretrained(families, fixture);
    await savePretrained(loaded, directory);
    const again = await loadPretrained(families, directory);
    const before = Object.fromEntries(await readParameters(loaded.model));
    expectSameValues('saved and loaded', before, Object.fromEntries(await readParameters(again.model)), 0);
    const [saved, names] = await Promise.all([directory, join(fixture, 'gradients.safetensors')].map(shapesOf));
    expectSameValues('the saved tensors', names, saved, 0);
    loaded.model.dispose();
    again.model.dispose();
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The names and shapes of a checkpoint, without values. */
async function shapesOf(path: string): Promise<Values> {
  const checkpoint = await openCheckpoint(path);
  await checkpoint.close();
  return Object.fromEntries(checkpoint.names.map((name) => [name, { shape: checkpoint.info(name).shape, data: [] }]));
}
