import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Batch, type HostBatch, hostTensor, lengthMask, padAndStack, uploadBatch } from '@polymodal/core';
import { type Checkpoint, openCheckpoint } from '@polymodal/hub';

/** For tests: documents with pictures that a script of tools/parity prepared, and what Python made of them. */
export interface PictureDocuments {
  /** The id that stands for a picture. */
  readonly placeholder: number;
  readonly prompts: number[][];
  readonly answers: number[][];
  readonly loss: number;
  readonly continuations: number[][];
}

/** For tests: the folder of a tiny model. */
export const pictureFolder = (name: string) => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));

/** For tests: the documents of a folder. */
export const documentsOf = (folder: string): PictureDocuments =>
  JSON.parse(readFileSync(join(folder, 'documents.json'), 'utf8'));

/** For tests: what Python computed, and the pictures. The caller closes it. */
export const expectedOf = (folder: string): Promise<Checkpoint> => openCheckpoint(join(folder, 'expected.safetensors'));

/** For tests: how a batch is to be. */
interface BatchOptions {
  /** Which of the documents; all by default. */
  readonly rows?: readonly number[];
  readonly side?: 'left' | 'right';
  readonly withAnswers?: boolean;
}

/** For tests: documents as the batch that the processors of a model would make of them. The caller disposes it. */
export async function documentBatch(folder: string, options: BatchOptions = {}): Promise<Batch> {
  const { placeholder, prompts, answers } = documentsOf(folder);
  const { rows = [...prompts.keys()], side = 'left', withAnswers = false } = options;
  const chosen = rows.map((row) => prompts[row]);
  const width = Math.max(...chosen.map(({ length }) => length));
  const padded = (of: (prompt: readonly number[]) => number[], filler: number) => {
    const values = chosen.flatMap((prompt) => {
      const padding = new Array<number>(width - prompt.length).fill(filler);
      return side === 'left' ? [...padding, ...of(prompt)] : [...of(prompt), ...padding];
    });
    return hostTensor(Int32Array.from(values), [chosen.length, width]);
  };
  const isPlace = (id: number) => id === placeholder;
  const places = padded((prompt) => prompt.map((id) => (isPlace(id) ? 1 : -1)), -1); // pictures are the second slot
  const values = padded((prompt) => {
    let count = 0;
    return prompt.map((id) => (isPlace(id) ? count++ : -1));
  }, -1);
  const { data, shape } = padded((prompt) => prompt.map(() => 1), 0);
  const mask = hostTensor(Float32Array.from(data), shape);
  const all = Int32Array.from(rows.keys());
  const text = { inputIds: padded((prompt) => [...prompt], 0), mask, placeSlot: places, placeValue: values };
  const host: HostBatch = {
    size: chosen.length,
    modalities: { text: { rows: all, features: text }, ...(await pictures(folder, rows)) },
    targets: withAnswers ? { text: { rows: all, features: targets(rows.map((row) => answers[row])) } } : {},
  };
  return uploadBatch(host);
}

/** The pictures of those rows that have any. */
async function pictures(folder: string, rows: readonly number[]): Promise<HostBatch['modalities']> {
  const { placeholder, prompts } = documentsOf(folder);
  const counts = rows.map((row) => prompts[row].filter((id) => id === placeholder).length);
  const having = rows.map((row, index) => ({ row, index, count: counts[index] })).filter(({ count }) => count > 0);
  if (having.length === 0) return {};
  const expected = await expectedOf(folder);
  const { data, shape } = await expected.read('pixelValues');
  await expected.close();
  const [, most, ...picture] = shape;
  const size = picture.reduce((product, length) => product * length, 1);
  const count = Math.max(...counts);
  const chosen = new Float32Array(having.length * count * size);
  having.forEach(({ row }, index) => {
    const start = row * most * size;
    chosen.set((data as Float32Array).subarray(start, start + count * size), index * count * size);
  });
  const features = {
    pixelValues: hostTensor(chosen, [having.length, count, ...picture]),
    valueMask: lengthMask(
      having.map((one) => one.count),
      count,
    ),
  };
  return { image: { rows: Int32Array.from(having, ({ index }) => index), features } };
}

function targets(answers: readonly (readonly number[])[]) {
  const ids = padAndStack(answers.map((answer) => hostTensor(Int32Array.from(answer), [answer.length])));
  return {
    ids,
    mask: lengthMask(
      answers.map(({ length }) => length),
      ids.shape[1],
    ),
  };
}
