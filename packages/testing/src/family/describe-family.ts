import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Encoder, inferenceContext, type ModalityBatch, readParameters } from '@polymodal/core';
import { type Family, loadParameters, loadPretrained, openCheckpoint, savePretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, it } from 'vitest';
import type { z } from 'zod';
import { backward } from '../compare/backward';
import { expectSameValues } from '../compare/expect-same-values';
import { keepValid } from '../compare/keep-valid';
import { readTensors, type Values } from '../compare/read-tensors';
import { type FamilyFixture, familyFixtures, readFamilyFixture, toTensor } from './family-fixture';

/** A family whose models are encoders. */
type EncoderFamily = Family<z.ZodType, Encoder>;

/**
 * Numbers of a few layers of random weights are of order 1 to 10. PyTorch's float32 and ours differ by the order of sums: some
 * 10⁻⁶ of that for each layer, and ten times as much in gradients, which run through all of them twice.
 */
const tolerances = { hidden: 1e-4, gradients: 1e-3 };

/**
 * Registers tests of everything that a family of encoders must keep, against what Python computed with checkpoints of it.
 *
 * ```ts
 * describeFamily([bert], fileURLToPath(new URL('../fixtures/bert', import.meta.url)));
 * ```
 *
 * @param folder has a folder for each checkpoint, with the files that {@link FamilyFixture} names
 */
export function describeFamily(families: readonly EncoderFamily[], folder: string): void {
  describe.each(familyFixtures(folder))('the checkpoint "%s"', (name) => {
    let fixture: FamilyFixture;
    beforeAll(async () => {
      await tf.ready();
      fixture = await readFamilyFixture(folder, name);
      return () => fixture.gradients.close();
    });

    it('gives what Python gives, after each layer and at the end', () => outputsAgree(families, fixture));
    it('gives the gradient of each parameter that Python gives', () => gradientsAgree(families, fixture));
    it('is saved with the names, shapes and values that it was loaded with', () => savingKeeps(families, fixture));
  });
}

async function outputsAgree(families: readonly EncoderFamily[], fixture: FamilyFixture): Promise<void> {
  const { model } = await loadPretrained(families, fixture.directory);
  const values = await readTensors(() => {
    const context = inferenceContext();
    let tokens = model.embed(batchOf(fixture), context);
    const hidden = [keepValid(tokens.tokens, tokens.mask)];
    for (let index = 0; index < model.depth; index++) {
      tokens = model.layer(index, tokens, context);
      hidden.push(keepValid(tokens.tokens, tokens.mask));
    }
    const finished = model.finish(tokens, context);
    return {
      ...Object.fromEntries(hidden.map((tensor, index) => [`hidden.${index}`, tensor])),
      tokens: keepValid(finished.tokens, finished.mask),
      ...('pooled' in fixture.outputs && { pooled: finished.pooled }),
    };
  });
  const expected = {
    ...Object.fromEntries(fixture.hidden.map((value, i) => [`hidden.${i}`, value])),
    ...fixture.outputs,
  };
  expectSameValues('the hidden states', expected, values, tolerances.hidden);
  model.dispose();
}

async function gradientsAgree(families: readonly EncoderFamily[], fixture: FamilyFixture): Promise<void> {
  const { model, family, config } = await loadPretrained(families, fixture.directory);
  const { gradients } = await backward(model, () => {
    const { tokens, mask, pooled } = model.encode(batchOf(fixture), inferenceContext());
    const outputs: Record<string, tf.Tensor> = { tokens: keepValid(tokens, mask), pooled };
    const terms = Object.entries(fixture.cotangents).map(([name, value]) =>
      tf.mul(outputs[name], toTensor(value)).sum(),
    );
    return tf.addN(terms) as tf.Scalar;
  });
  await loadParameters(model, fixture.gradients, family.keys(config)); // the same names and layout, so the same map
  const expected = Object.fromEntries(await readParameters(model));
  const unused = Object.fromEntries(
    Object.entries(expected)
      .filter(([path]) => !(path in gradients))
      .map(([path, { shape, data }]) => [path, { shape, data: new Float32Array(data.length) }]),
  );
  expectSameValues('the gradients', expected, { ...gradients, ...unused }, tolerances.gradients);
  model.dispose();
}

async function savingKeeps(families: readonly EncoderFamily[], fixture: FamilyFixture): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'polymodal-family-'));
  try {
    const loaded = await loadPretrained(families, fixture.directory);
    await savePretrained(loaded, directory);
    const again = await loadPretrained(families, directory);
    const before = Object.fromEntries(await readParameters(loaded.model));
    expectSameValues('saved and loaded', before, Object.fromEntries(await readParameters(again.model)), 0);
    const [saved, names] = await Promise.all(
      [directory, join(fixture.directory, 'gradients.safetensors')].map(shapesOf),
    );
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

function batchOf({ features }: FamilyFixture): ModalityBatch {
  const tensors = Object.fromEntries(Object.entries(features).map(([name, value]) => [name, toTensor(value)]));
  const [rows] = Object.values(features)[0].shape;
  return { rows: Int32Array.from({ length: rows }, (_, row) => row), features: tensors };
}
