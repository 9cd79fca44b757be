import {
  FileFormatError,
  MissingModalityError,
  type Model,
  type PolymodalError,
  RandomKey,
  SampleError,
} from '@polymodal/core';
import { type ProgressStream, progressBar } from '../progress';
import { type Dataset, type Samples, toDataset } from './dataset';
import { requireHead } from './feature-store';
import { fitProcessors } from './fit-processors';
import { inOrder } from './in-order';
import { SamplePreparer } from './preparing/sample-preparer';
import { readSample } from './read-sample';
import { requireModel } from './require-model';
import { unfit, unfittedProcessors } from './unfitted-processors';

/** A sample that `train` and `evaluate` refuse. */
export interface UnusableSample {
  readonly index: number;
  /** What is wrong with it; it calls the sample as `train` does: `data, sample 7, photo`. */
  readonly error: PolymodalError;
}

/** Data as `train` takes them. */
export interface CheckedData {
  readonly data?: Samples | undefined;
  readonly evaluate?: Samples | undefined;
  readonly test?: Samples | undefined;
}

/** How samples are checked. */
export interface CheckOptions {
  readonly progress?: boolean | ProgressStream | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Each of them has what was read before read again. */
const mostOfFitting = 100;

/** Samples that are prepared at a time. */
const atOnce = 32;

/**
 * All samples that a model cannot learn from, or be judged by, each with what is wrong with it: files that cannot be decoded, values that a
 * processor refuses, targets that a head does not know, samples that no head can answer. `train` and `evaluate` stop at the first. Every sample is prepared once;
 * processors that have to learn from `data` do so for as long as that takes. The model stays as it is.
 *
 * ```ts
 * const { data = [] } = await unusableSamples(model, { data: samples });
 * const left = samples.filter((_, index) => !data.some((own) => own.index === index));
 * ```
 *
 * @throws whatever is wrong with no sample: options, a disk that cannot be read
 */
export async function unusableSamples(
  model: Model,
  checked: CheckedData,
  { progress, signal }: CheckOptions = {},
): Promise<Readonly<Partial<Record<keyof CheckedData, readonly UnusableSample[]>>>> {
  requireModel(model, 'unusableSamples');
  const bar = progressBar(progress ?? false);
  const unfitted = unfittedProcessors(model);
  const found: Partial<Record<keyof CheckedData, UnusableSample[]>> = {};
  try {
    for (const name of ['data', 'evaluate', 'test'] as const) {
      if (checked[name] === undefined) continue;
      const dataset = toDataset(checked[name], `unusableSamples.${name}`);
      const ofFitting = name === 'data' ? await faultsOfFitting(model, dataset, signal) : [];
      const preparer = SamplePreparer.of(model);
      const known = new Map(ofFitting.map((own) => [own.index, own]));
      bar.start(`Checking ${name}`, dataset.length);
      const own: UnusableSample[] = [];
      let done = 0;
      const faults = inOrder(dataset.length, atOnce, async (index) => {
        signal?.throwIfAborted();
        return known.get(index) ?? (await faultOf(model, dataset, preparer, name, index));
      });
      for await (const fault of faults) {
        if (fault) own.push(fault);
        bar.update(++done);
      }
      found[name] = own;
    }
  } finally {
    bar.stop();
    unfit(unfitted);
  }
  return found;
}

async function faultOf(
  model: Model,
  dataset: Dataset,
  preparer: SamplePreparer,
  name: keyof CheckedData,
  index: number,
): Promise<UnusableSample | undefined> {
  const where = `${name}, sample ${index}`;
  const key = name === 'data' ? { key: RandomKey.from(0) } : {};
  try {
    const { prepared } = await preparer.prepare({ sample: await readSample(dataset, index, where), where, ...key });
    model.checkPrepared(prepared, where);
    requireHead(model, Object.keys(prepared.features), where);
    return undefined;
  } catch (error) {
    if (isOfSample(error)) return { index, error };
    throw error;
  }
}

/** Those that a processor cannot learn from: it stops at each of them. */
async function faultsOfFitting(
  model: Model,
  dataset: Dataset,
  signal: AbortSignal | undefined,
): Promise<UnusableSample[]> {
  const found: UnusableSample[] = [];
  const left = Array.from({ length: dataset.length }, (_, index) => index);
  for (;;) {
    const data: Dataset = { length: left.length, get: (place) => dataset.get(left[place]) };
    try {
      await fitProcessors(model, new Map([['data', data]]), { progress: progressBar(false), signal });
      return found;
    } catch (error) {
      const [, place, rest] = (isOfSample(error) && /^data, sample (\d+)(.*)$/s.exec(error.where ?? '')) || [];
      if (place === undefined || found.length === mostOfFitting || left.length === 1) throw error;
      const [index] = left.splice(Number(place), 1);
      found.push({ index, error: (error as PolymodalError).at(`data, sample ${index}${rest}`) });
    }
  }
}

/** Whether an error says that a sample cannot be used. */
export function isOfSample(error: unknown): error is PolymodalError {
  return [SampleError, FileFormatError, MissingModalityError].some((own) => own.isInstance(error));
}
