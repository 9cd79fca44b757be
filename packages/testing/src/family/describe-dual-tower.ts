import { type Context, type Encoder, inferenceContext, type ModalityBatch, type Module } from '@polymodal/core';
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

/** What is tested of a dual tower: `DualTower` of `@polymodal/dual-tower` is one. */
export interface DualTowerModel extends Module {
  /** By modality. */
  readonly encoders: Readonly<Record<string, Encoder>>;
  /** (P, E), in the shared space. */
  encode(modality: string, batch: ModalityBatch, context: Context): tf.Tensor2D;
  /** (B, T), from embeddings of B rows of the other modality and T texts. */
  compare(others: tf.Tensor2D, texts: tf.Tensor2D): tf.Tensor2D;
  /** Of (B, B) logits. */
  loss(logits: tf.Tensor2D): tf.Scalar;
}

/** A family whose models are dual towers. */
type DualTowerFamily = Family<z.ZodType, DualTowerModel>;

/**
 * Registers tests of everything that a family of dual towers must keep, against what Python computed with checkpoints of it.
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
function outputsOf(model: DualTowerModel, { features, outputs }: DualTowerFixture): Record<string, tf.Tensor> {
  const context = inferenceContext();
  const computed: Record<string, tf.Tensor> = {};
  const embeddings: Record<string, tf.Tensor2D> = {};
  for (const [modality, values] of Object.entries(features)) {
    const batch = batchOf(values);
    for (const [name, tensor] of Object.entries(encoderOutputs(model.encoders[modality], batch, context))) {
      const [kind, ...layer] = name.split('.');
      if (kind !== 'pooled') computed[[kind, modality, ...layer].join('.')] = tensor;
    }
    embeddings[modality] = model.encode(modality, batch, context);
    computed[`embedding.${modality}`] = embeddings[modality];
  }
  const { text, ...others } = embeddings;
  const logits = model.compare(Object.values(others)[0], text);
  return { ...computed, logits, ...('loss' in outputs && { loss: model.loss(logits) }) };
}
