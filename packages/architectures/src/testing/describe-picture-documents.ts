import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { disposeBatch, inferenceContext, meanLoss } from '@polymodal/core';
import { loadPretrained, openCheckpoint } from '@polymodal/hub';
import { expectGradients } from '@polymodal/testing/family';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { visionLanguageModels } from '../vision-language';
import { documentBatch, documentsOf, expectedOf } from './picture-documents';
import { found, states, written } from './picture-states';

/** A search in beams, and what tools/parity/picture_beams.py had Python find: the sequences of each row one after the other. */
interface Search {
  readonly options: object;
  readonly continuations: number[][];
  readonly scores: number[];
}

/** Of numbers of about 1 to 10, in float32 over a few layers. */
const tolerance = 1e-4;

/** For tests: what holds of a language model that looks at pictures, against what Python made of documents in its folder. */
export function describePictureDocuments(folder: string): void {
  it('gives the hidden states and logits of Python for documents with any number of pictures', async () => {
    const { model } = await loadPretrained(visionLanguageModels, folder);
    const { hidden, logits, mask } = states(model, await documentBatch(folder));
    const expected = await expectedOf(folder);
    expect(hidden).toHaveLength(expected.names.filter((name) => name.startsWith('hidden.')).length);
    const read = async (name: string) => {
      const { data, shape } = await expected.read(name);
      return shape.length === 3 ? taking(data as Float32Array, mask) : (data as Float32Array);
    };
    for (const [index, state] of hidden.entries()) {
      expectNear(taking(state.dataSync<'float32'>(), mask), await read(`hidden.${index}`));
    }
    expectNear(taking(logits.dataSync<'float32'>(), mask), await read('logits'));
    await expected.close();
    model.dispose();
  });

  it('gives a document alone what it gives among others', async () => {
    const { model } = await loadPretrained(visionLanguageModels, folder);
    const together = states(model, await documentBatch(folder));
    for (const row of documentsOf(folder).prompts.keys()) {
      const alone = states(model, await documentBatch(folder, { rows: [row] }));
      const [logits, mask] = [together.logits, together.mask].map((tensor) => tf.slice(tensor, [row], [1]));
      const own = taking(logits.dataSync<'float32'>(), mask);
      expectNear(taking(alone.logits.dataSync<'float32'>(), alone.mask), own, 1e-5);
    }
    model.dispose();
  });

  it.each(['left', 'right'] as const)('continues documents as Python does, padded at the %s', async (side) => {
    const { model } = await loadPretrained(visionLanguageModels, folder);
    const { continuations } = documentsOf(folder);
    expect(await written(model, await documentBatch(folder, { side }), continuations[0].length)).toEqual(continuations);
    const each = side === 'left' ? continuations : []; // alone there is no padding
    for (const [row, continuation] of each.entries()) {
      const alone = await documentBatch(folder, { rows: [row], side });
      expect(await written(model, alone, continuation.length)).toEqual([continuation]);
    }
    model.dispose();
  });

  const beams = join(folder, 'beams.json');
  it.runIf(existsSync(beams))(
    'finds in beams what Python finds behind documents with different numbers of pictures',
    async ({ skip }) => {
      skip(tf.getBackend() === 'cpu', 'what beams go by is held there above, and searching takes long');
      const { model } = await loadPretrained(visionLanguageModels, folder);
      const searches: Search[] = JSON.parse(readFileSync(beams, 'utf8'));
      for (const { options, continuations, scores } of searches) {
        const own = await found(model, await documentBatch(folder, { side: 'left' }), options);
        expect(own.ids).toEqual(continuations);
        for (const [place, score] of scores.entries()) expect(own.scores[place]).toBeCloseTo(score, 4); // float32 sums
      }
      const [{ options, continuations }] = searches;
      const count = continuations.length / documentsOf(folder).prompts.length;
      const rows = [2, 1]; // other rows beside, and padded at the other side
      const some = await found(model, await documentBatch(folder, { rows, side: 'right' }), options);
      expect(some.ids).toEqual(rows.flatMap((row) => continuations.slice(row * count, (row + 1) * count)));
      model.dispose();
    },
  );

  it('learns to answer with the loss and the gradients of Python', async () => {
    const loaded = await loadPretrained(visionLanguageModels, folder);
    const batch = await documentBatch(folder, { withAnswers: true });
    const loss = () => meanLoss(loaded.model.losses(batch, inferenceContext()).text);
    expect(Math.abs(tf.tidy(() => loss().dataSync()[0]) - documentsOf(folder).loss)).toBeLessThan(1e-5);
    const gradients = await openCheckpoint(join(folder, 'gradients.safetensors'));
    await expectGradients(loaded, loss, gradients, tolerance);
    await gradients.close();
    disposeBatch(batch);
    loaded.model.dispose();
  });
}

/** Those of all rows, one after the other, without padding. */
function taking(values: Float32Array, mask: tf.Tensor): Float32Array {
  const valid = mask.dataSync();
  const width = values.length / valid.length;
  return Float32Array.from(
    [...valid.keys()].flatMap((at) => (valid[at] ? [...values.subarray(at * width, at * width + width)] : [])),
  );
}

function expectNear(actual: Float32Array, expected: Float32Array, within = tolerance): void {
  expect(actual.length).toBe(expected.length);
  const off = actual.map((value, index) => Math.abs(value - expected[index]));
  expect(off.reduce((most, one) => Math.max(most, one), 0)).toBeLessThan(within);
}
