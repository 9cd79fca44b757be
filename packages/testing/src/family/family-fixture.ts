import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Checkpoint, openCheckpoint } from '@polymodal/hub';
import type { Values } from '../compare/read-tensors';
import { readValues, valuesUnder } from './read-values';

/**
 * What Python computes with a checkpoint. Beside `config.json` and `model.safetensors` stand
 *
 * - `expected.safetensors`: the inputs as `feature.<name>`; `hidden.0`, the tokens that are embedded, and `hidden.1` … after
 *   each layer; `tokens` and, where there is one, `pooled` of the finished encoding; for each of these two the
 *   `cotangent.<name>` whose product with it, summed, is the scalar that is differentiated;
 * - `gradients.safetensors`: its gradient by each parameter, under the names of the checkpoint.
 */
export interface FamilyFixture {
  readonly name: string;
  readonly directory: string;
  readonly features: Values;
  readonly hidden: readonly Values[string][];
  /** `tokens` and perhaps `pooled`. */
  readonly outputs: Values;
  readonly cotangents: Values;
  /** Open; whoever asked for it closes it. */
  readonly gradients: Checkpoint;
}

/** The names of the fixtures in a folder: its folders. */
export function familyFixtures(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Reads one of them. */
export async function readFamilyFixture(folder: string, name: string): Promise<FamilyFixture> {
  const directory = join(folder, name);
  const values = await readValues(join(directory, 'expected.safetensors'));
  const hidden = valuesUnder(values, 'hidden.');
  return {
    name,
    directory,
    features: valuesUnder(values, 'feature.'),
    hidden: Object.keys(hidden).map((_, index) => hidden[String(index)]),
    outputs: Object.fromEntries(Object.entries(values).filter(([key]) => key === 'tokens' || key === 'pooled')),
    cotangents: valuesUnder(values, 'cotangent.'),
    gradients: await openCheckpoint(join(directory, 'gradients.safetensors')),
  };
}
