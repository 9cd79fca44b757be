import { type Encoder, inferenceContext } from '@polymodal/core';
import { type Family, loadPretrained } from '@polymodal/hub';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, it } from 'vitest';
import type { z } from 'zod';
import { expectSameValues } from '../compare/expect-same-values';
import { keepValid } from '../compare/keep-valid';
import { readTensors } from '../compare/read-tensors';
import { ConformanceError } from '../conformance-error';
import { batchOf, encoderOutputs } from './encoder-outputs';
import { expectGradients } from './expect-gradients';
import { expectSavingKeeps } from './expect-saving-keeps';
import { expectTokenCounts } from './expect-token-counts';
import { type FamilyFixture, familyFixtures, readFamilyFixture } from './family-fixture';
import { weightedSum } from './to-tensor';
import { tolerances } from './tolerances';

/** A family whose models are encoders. */
type EncoderFamily = Family<z.ZodType, Encoder>;

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
    it('says of the tokens at each layer how wide Python makes them', () => widthsAgree(families, fixture));
    it('says how many tokens it makes at each layer of what Python was given', () => countsAgree(families, fixture));
    it('gives the gradient of each parameter that Python gives', () => gradientsAgree(families, fixture));
    it('is saved with the names, shapes and values that it was loaded with', () =>
      expectSavingKeeps(families, fixture.directory));
  });
}

async function outputsAgree(families: readonly EncoderFamily[], fixture: FamilyFixture): Promise<void> {
  const { model } = await loadPretrained(families, fixture.directory);
  const values = await readTensors(() => {
    const batch = batchOf(fixture.features);
    const { pooled, ...outputs } = encoderOutputs(model, batch, inferenceContext());
    if (!('pooled' in fixture.outputs)) return outputs;
    return { ...outputs, pooled, 'pooled alone': model.encodePooled(batch, inferenceContext()) };
  });
  const expected = {
    ...Object.fromEntries(fixture.hidden.map((value, i) => [`hidden.${i}`, value])),
    ...fixture.outputs,
    ...('pooled' in fixture.outputs && { 'pooled alone': fixture.outputs.pooled }),
  };
  expectSameValues('the hidden states', expected, values, tolerances.hidden);
  model.dispose();
}

async function widthsAgree(families: readonly EncoderFamily[], fixture: FamilyFixture): Promise<void> {
  const { model } = await loadPretrained(families, fixture.directory);
  const [expected, received] = [
    fixture.hidden.map(({ shape }) => shape[2]),
    fixture.hidden.map((_, index) => model.widthAt(index)),
  ];
  model.dispose();
  if (`${expected}` === `${received}`) return;
  throw new ConformanceError({ where: 'widthAt', expected: `[${expected}]`, received: `[${received}]` });
}

async function countsAgree(families: readonly EncoderFamily[], fixture: FamilyFixture): Promise<void> {
  const { model } = await loadPretrained(families, fixture.directory);
  await expectTokenCounts(model, fixture.features);
  model.dispose();
}

async function gradientsAgree(families: readonly EncoderFamily[], fixture: FamilyFixture): Promise<void> {
  const loaded = await loadPretrained(families, fixture.directory);
  const loss = () => {
    const { tokens, mask, pooled } = loaded.model.encode(batchOf(fixture.features), inferenceContext());
    return weightedSum({ tokens: keepValid(tokens, mask), pooled }, fixture.cotangents);
  };
  await expectGradients(loaded, loss, fixture.gradients, tolerances.gradients);
  loaded.model.dispose();
}
