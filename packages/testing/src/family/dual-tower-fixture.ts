import { join } from 'node:path';
import { type Checkpoint, openCheckpoint } from '@polymodal/hub';
import type { Values } from '../compare/read-tensors';
import { readValues, valuesUnder } from './read-values';

/**
 * What Python computes with a checkpoint of two towers. Beside `config.json` and `model.safetensors` stand
 *
 * - `expected.safetensors`: for each modality the inputs as `feature.<modality>.<name>`; `hidden.<modality>.0`, the tokens that
 *   are embedded, and `hidden.<modality>.1` … after each layer; `tokens.<modality>` of the finished encoding, and
 *   `embedding.<modality>`, of unit length; `logits` of rows and texts, perhaps `textLogits` of texts and rows on a scale of their
 *   own, and, where there are as many of both, the `loss`; for each of these outputs, perhaps, the `cotangent.<name>` whose product with it, summed, is the scalar that is differentiated;
 * - `gradients.safetensors`: its gradient by each parameter, under the names of the checkpoint.
 */
export interface DualTowerFixture {
  readonly name: string;
  readonly directory: string;
  /** By modality. */
  readonly features: Readonly<Record<string, Values>>;
  readonly hidden: Values;
  /** `tokens.<modality>`, `embedding.<modality>`, `logits` and perhaps `textLogits` and `loss`. */
  readonly outputs: Values;
  readonly cotangents: Values;
  /** Open; whoever asked for it closes it. */
  readonly gradients: Checkpoint;
}

/** Reads one of them. */
export async function readDualTowerFixture(folder: string, name: string): Promise<DualTowerFixture> {
  const directory = join(folder, name);
  const values = await readValues(join(directory, 'expected.safetensors'));
  const features = valuesUnder(values, 'feature.');
  const modalities = new Set(Object.keys(features).map((key) => key.split('.')[0]));
  const outputs = Object.entries(values).filter(([key]) =>
    /^(tokens\.|embedding\.|logits$|textLogits$|loss$)/.test(key),
  );
  const hidden = Object.entries(values).filter(([key]) => key.startsWith('hidden.'));
  return {
    name,
    directory,
    features: Object.fromEntries([...modalities].map((key) => [key, valuesUnder(features, `${key}.`)])),
    hidden: Object.fromEntries(hidden),
    outputs: Object.fromEntries(outputs),
    cotangents: valuesUnder(values, 'cotangent.'),
    gradients: await openCheckpoint(join(directory, 'gradients.safetensors')),
  };
}
