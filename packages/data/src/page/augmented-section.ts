import {
  type Augmentations,
  augmentedFeatures,
  augmentedValue,
  changesFeatures,
  isRecord,
  mixesBatches,
  type Processor,
  type Processors,
  processorOfOne,
  RandomKey,
  type Sample,
} from '@polymodal/core';
import { type Cell, type Section, table } from '@polymodal/trainer';
import { picturePng, pngCell } from './picture-png';
import { spectrogramPicture } from './sound-viewer';

/** What is shown of augmentations. */
export interface AugmentedOptions {
  /** Samples of each slot. Default 3. */
  readonly samples?: number;
  /** How often each is changed. Default 5. */
  readonly variants?: number;
  /** Decides what is drawn. Default 0. */
  readonly seed?: number;
}

/** Samples are looked for in so many rows. */
const mostRows = 1000;
const mostLetters = 200;

/**
 * A section of a report in which values of samples stand as they are and, beside them, as augmentations change them: pictures, spectrograms
 * and texts. What mixes batches is not shown.
 *
 * ```ts
 * const shown = await augmentedSection(model.processors, { photo: [crop(), flip()] }, products);
 * await writeReport('augmented.html', { title: 'In training', sections: [shown] });
 * ```
 *
 * @param processors those of the model, by slot
 * @throws SampleError for a value that cannot be read
 */
export async function augmentedSection(
  processors: Processors,
  augment: Augmentations,
  data: { readonly length: number; get(index: number): Sample | Promise<Sample> },
  { samples = 3, variants = 5, seed = 0 }: AugmentedOptions = {},
): Promise<Section> {
  const tables: string[] = [];
  for (const [slot, augmentations] of Object.entries(augment)) {
    if (augmentations.every(mixesBatches)) continue;
    const processor = processorOfOne(processors[slot]);
    const rows: Cell[][] = [];
    for (let index = 0; index < Math.min(data.length, mostRows) && rows.length < samples; index++) {
      const raw = [(await data.get(index))[slot]].flat()[0];
      if (raw === undefined || raw === null || isPart(raw, processors)) continue;
      const key = RandomKey.from(seed).fold(slot).fold(index);
      const keys = [undefined, ...Array.from({ length: variants }, (_, variant) => key.fold(variant))];
      rows.push([index, ...(await Promise.all(keys.map((own) => shownValue(processor, augment[slot], raw, own))))]);
    }
    const names = Array.from({ length: variants }, (_, variant) => `changed ${variant + 1}`);
    const caption = `${slot}: ${augmentations.map(({ use, probability }) => `${use}${probability < 1 ? ` (${probability})` : ''}`).join(', ')}`;
    tables.push(table(['sample', 'as it is', ...names], rows, caption));
  }
  return { heading: 'As augmentations change them', html: tables.join('\n') };
}

/** Whether a value is a part of a document. */
function isPart(raw: unknown, processors: Processors): boolean {
  return isRecord(raw) && Object.keys(processors).some((slot) => Object.hasOwn(raw, slot));
}

/** @param key without one, the value as it is read */
async function shownValue(
  processor: Processor,
  augmentations: Augmentations[string],
  raw: unknown,
  key: RandomKey | undefined,
): Promise<Cell> {
  const context = { training: key !== undefined, ...(key && { key, augment: augmentations }) };
  const value = key ? await augmentedValue(processor, raw, context) : ((await processor.read?.(raw, context)) ?? raw);
  if (typeof value === 'string') return value.length > mostLetters ? `${value.slice(0, mostLetters)}…` : value;
  if (isPicture(value)) return image(await picturePng(value));
  if (augmentations.some(changesFeatures)) return image(await featurePicture(processor, augmentations, value, key));
  if (isSound(value)) {
    return image(await spectrogramPicture({ channels: [value.samples], sampleRate: value.sampleRate }));
  }
  return JSON.stringify(value)?.slice(0, mostLetters) ?? '';
}

/** The features of a value, which are those of a spectrogram: its last two axes, time to the right and low tones below. */
async function featurePicture(
  processor: Processor,
  augmentations: Augmentations[string],
  value: unknown,
  key: RandomKey | undefined,
): Promise<Uint8Array> {
  const features = { value: await processor.process(value, { training: false }) };
  const plain = { features, targets: {} };
  const shown = key ? augmentedFeatures({ value: processor }, plain, { value: augmentations }, key) : plain;
  const [{ data, shape }] = Object.values(shown.features.value);
  const [frames, bins] = [shape.at(-2) ?? 1, shape.at(-1) ?? 1];
  const [low, high] = bounds(data);
  const pixels = new Uint8Array(frames * bins);
  for (let at = 0; at < pixels.length; at++) {
    const [frame, bin] = [Math.floor(at / bins), at % bins];
    pixels[(bins - 1 - bin) * frames + frame] = Math.round((255 * (data[at] - low)) / Math.max(high - low, 1e-9));
  }
  return picturePng({ data: pixels, width: frames, height: bins, channels: 1 });
}

/** The least and the greatest. */
function bounds(values: ArrayLike<number>): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = 0; at < values.length; at++) [low, high] = [Math.min(low, values[at]), Math.max(high, values[at])];
  return [low, high];
}

function image(png: Uint8Array): Cell {
  return pngCell(png, 'max-width: 12em');
}

function isPicture(value: unknown): value is Parameters<typeof picturePng>[0] {
  return isRecord(value) && value.data instanceof Uint8Array && typeof value.width === 'number';
}

function isSound(value: unknown): value is { readonly samples: Float32Array; readonly sampleRate: number } {
  return isRecord(value) && value.samples instanceof Float32Array && typeof value.sampleRate === 'number';
}
