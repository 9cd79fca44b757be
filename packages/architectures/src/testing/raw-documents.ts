import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Batch, inferenceContext, type Model, type Sample } from '@polymodal/core';
import type { WrittenText } from '@polymodal/head-text';
import { loadPretrained } from '@polymodal/hub';
import { expect, it } from 'vitest';
import { visionLanguageModels } from '../vision-language';
import { documentsOf, expectedOf } from './picture-documents';
import { states } from './picture-states';

/** What the parity scripts of models that splice pictures in say beside what every document has; in a document a number is a picture. */
interface RawDocuments {
  readonly documents: (string | number)[][];
  /** The ids that the processor of Python makes, with a placeholder for each token of a picture. */
  readonly joint: number[][];
  readonly texts: string[];
}

/** The documents of a folder before any processor. */
export const rawOf = (folder: string) => documentsOf(folder) as ReturnType<typeof documentsOf> & RawDocuments;

/** The same as samples, with the picture of each number. */
export function samplesWith(folder: string, picture: (index: number) => object): Sample[] {
  return rawOf(folder).documents.map((parts) => ({
    text: parts.map((part) => (typeof part === 'number' ? { image: picture(part) } : { text: part })),
  }));
}

/** What a model writes behind each. */
export async function textsOf(model: Model, samples: readonly Sample[]): Promise<string[]> {
  const answers = await model.predict(samples);
  return answers.map((answer) => (answer.text as WrittenText).text);
}

/** Asserts that a batch of all documents becomes the joint sequences of Python, with its logits. */
export async function expectJointSequences(model: Model, batch: Batch, folder: string): Promise<void> {
  const { placeholder, joint } = rawOf(folder);
  const { fused } = model.forward(batch, inferenceContext());
  const owners = fused.owner!.map.arraySync() as number[][];
  const [text, image] = [0, 1];
  expect(owners.map((row) => row.filter((owner) => owner >= 0))).toEqual(
    joint.map((ids) => ids.map((id) => (id === placeholder ? image : text))),
  );
  const expected = await expectedOf(folder);
  const { data } = await expected.read('logits');
  await expected.close();
  const { logits, mask } = states(model, batch);
  const [values, valid] = [logits.dataSync(), mask.dataSync()];
  const width = logits.shape[2];
  const own = [...valid.keys()].filter((at) => valid[at] === 1);
  expect(own.length * width).toBe(data.length);
  const off = own.map((at, index) =>
    Math.max(
      ...values.subarray(at * width, (at + 1) * width).map((one, id) => Math.abs(one - data[index * width + id])),
    ),
  );
  expect(Math.max(...off)).toBeLessThan(1e-4);
}

/** What tools/parity/picture_beams.py has Python write without beams: by the tokens that were there, those of pictures among them. */
function penaltiesOf(folder: string): { readonly options: object; readonly continuations: number[][] }[] {
  const file = join(folder, 'beams.json');
  const runs: ReturnType<typeof penaltiesOf> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  return runs.filter(({ options }) => !('numBeams' in options));
}

/** Makes the test that the documents of a folder are continued as in Python. */
export function itContinuesDocuments(folder: string, samplesOf: (folder: string) => Promise<Sample[]>): void {
  it('are continued as in Python: together in any order, alone, and piece by piece', async () => {
    const { model } = await loadPretrained(visionLanguageModels, folder);
    const { texts } = rawOf(folder);
    const samples = await samplesOf(folder);
    expect(await textsOf(model, samples)).toEqual(texts);
    expect(await textsOf(model, [...samples].reverse())).toEqual([...texts].reverse());
    for (const [index, sample] of samples.entries()) {
      expect(await textsOf(model, [sample])).toEqual([texts[index]]);
      let streamed = '';
      for await (const piece of model.stream(sample, 'text')) streamed += piece;
      expect(streamed).toBe(texts[index]);
    }
    for (const { options, continuations } of penaltiesOf(folder)) {
      const answers = await model.predict(samples, { heads: { text: options } });
      expect(answers.map(({ text }) => [...(text as WrittenText).ids])).toEqual(continuations);
    }
    model.dispose();
  });
}
