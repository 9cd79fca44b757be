import { type Head, inferenceContext, type Model, meanLoss } from '@polymodal/core';
import { type Family, loadPretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, it } from 'vitest';
import type { z } from 'zod';
import { expectSameValues } from '../compare/expect-same-values';
import { readTensors } from '../compare/read-tensors';
import { type DualTowerFixture, readDualTowerFixture } from './dual-tower-fixture';
import { batchOf, encoderOutputs } from './encoder-outputs';
import { expectGradients } from './expect-gradients';
import { expectSavingKeeps } from './expect-saving-keeps';
import { familyFixtures } from './family-fixture';
import { weightedSum } from './to-tensor';
import { tolerances } from './tolerances';

/** What compares the two encoders of such a model: `ContrastiveHead` of `@polymodal/heads` does. */
interface Comparison extends Head {
  /** (n, m), of n rows of a modality and m candidates of another, both of unit length. */
  logits(from: string, rows: tf.Tensor2D, candidates: tf.Tensor2D): tf.Tensor2D;
}

/** What it makes of a batch. */
interface Compared {
  /** By modality, (P, E) of unit length. */
  readonly embeddings: Readonly<Record<string, { readonly values: tf.Tensor2D }>>;
}

/** A family whose models are two encoders and a head that compares them. */
type DualTowerFamily = Family<z.ZodType, Model>;

/**
 * Registers tests of everything that a family of two towers must keep, against what Python computed with checkpoints of it.
 *
 * ```ts
 * describeDualTower([clip], fileURLToPath(new URL('../fixtures/clip', import.meta.url)));
 * ```
 *
 * @param folder has a folder for each checkpoint, with the files that {@link DualTowerFixture} names
 */
export function describeDualTower(families: readonly DualTowerFamily[], folder: string): void {
  describe.each(familyFixtures(folder))('the checkpoint "%s"', (name) => {
    let fixture: DualTowerFixture;
    beforeAll(async () => {
      await tf.ready();
      fixture = await readDualTowerFixture(folder, name);
      return () => fixture.gradients.close();
    });

    it('gives what Python gives: after each layer, in the shared space, and for each pair', () =>
      outputsAgree(families, fixture));
    it('gives the gradient of each parameter that Python gives', () => gradientsAgree(families, fixture));
    it('is saved with the names, shapes and values that it was loaded with', () =>
      expectSavingKeeps(families, fixture.directory));
  });
}

async function outputsAgree(families: readonly DualTowerFamily[], fixture: DualTowerFixture): Promise<void> {
  const { model } = await loadPretrained(families, fixture.directory);
  const values = await readTensors(() => outputsOf(model, fixture));
  expectSameValues('the outputs', { ...fixture.hidden, ...fixture.outputs }, values, tolerances.hidden);
  model.dispose();
}

async function gradientsAgree(families: readonly DualTowerFamily[], fixture: DualTowerFixture): Promise<void> {
  const loaded = await loadPretrained(families, fixture.directory);
  const loss = () => weightedSum(outputsOf(loaded.model, fixture), fixture.cotangents);
  await expectGradients(loaded, loss, fixture.gradients, tolerances.gradients);
  loaded.model.dispose();
}

/** Under the names of the fixture. */
function outputsOf(model: Model, { features, outputs }: DualTowerFixture): Record<string, tf.Tensor> {
  const context = inferenceContext();
  const modalities = Object.fromEntries(Object.entries(features).map(([name, values]) => [name, batchOf(values)]));
  const computed: Record<string, tf.Tensor> = {};
  for (const [modality, batch] of Object.entries(modalities)) {
    for (const [name, tensor] of Object.entries(encoderOutputs(model.encoders[modality], batch, context))) {
      const [kind, ...layer] = name.split('.');
      if (kind !== 'pooled') computed[[kind, modality, ...layer].join('.')] = tensor;
    }
  }
  const size = Math.max(...Object.values(modalities).map(({ rows }) => rows.length));
  const batch = { size, modalities, targets: {} };
  const [[name, head]] = Object.entries(model.heads) as [string, Comparison][];
  const { embeddings } = model.forward(batch, context).heads[name].output as Compared;
  for (const [modality, { values }] of Object.entries(embeddings)) computed[`embedding.${modality}`] = values;
  const { text, ...others } = embeddings;
  const [[from, { values }]] = Object.entries(others);
  return {
    ...computed,
    logits: head.logits(from, values, text.values),
    ...('textLogits' in outputs && { textLogits: head.logits('text', text.values, values) }),
    ...('loss' in outputs && { loss: meanLoss(model.losses(batch, context)[name]) }),
  };
}
