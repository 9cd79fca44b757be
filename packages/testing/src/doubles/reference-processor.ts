import {
  bucketLength,
  collatePlaces,
  commonLengths,
  type DocumentPart,
  defineProcessor,
  describeValue,
  type HostTensor2D,
  type HostTensor3D,
  hostTensor,
  type Interleaved,
  type InterleavingProcessor,
  type Lengths,
  lengthMask,
  type OwnPart,
  type PicturePlaceFeature,
  type PlaceFeatures,
  padAndStack,
  picturePlaceFeature,
  placeFeatures,
  SampleError,
  type TokenCodec,
  type TokenPlaces,
} from '@polymodal/core';
import { z } from 'zod';

/** Numbers to a step of the signal that the doubles read. */
export const stepSize = 3;

/** A signal: (L, 3). */
export type ReferenceRow = { readonly values: HostTensor2D } & Partial<TokenPlaces & PicturePlaceFeature>;

/** P signals: (P, L, 3), and which steps take part: (P, L). */
export type ReferenceFeatures = { readonly values: HostTensor3D; readonly mask: HostTensor2D } & PlaceFeatures;

/**
 * Reads a signal: a Float32Array of L steps with three finite numbers each. A document of signals has them one after the other, with a
 * step of zeros at each place, for each piece that stands there. As a text, where somebody asks for places in it, a step is a letter, from
 * `a` on, and two of them are a word. As a picture, it is as wide as it has steps, and three pixels high.
 */
export class ReferenceProcessor implements InterleavingProcessor<unknown, ReferenceRow, ReferenceFeatures> {
  readonly lengthAxes = {
    values: { 1: 'steps' },
    mask: { 1: 'steps' },
    placeSlot: { 1: 'steps' },
    placeValue: { 1: 'steps' },
  };
  readonly masks = { mask: ['values', ...placeFeatures] };
  #locates = false;
  #locatesPixels = false;

  /**
   * @param bucketSize rows are padded to a multiple of so many steps
   * @param codec      how values would be written
   */
  constructor(
    readonly bucketSize: number,
    readonly codec?: TokenCodec,
  ) {}

  process(raw: unknown): ReferenceRow {
    if (
      !(raw instanceof Float32Array) ||
      raw.length === 0 ||
      raw.length % stepSize > 0 ||
      !raw.every(Number.isFinite)
    ) {
      throw new SampleError({ expected: 'a Float32Array of finite numbers, 3 a step', received: describeValue(raw) });
    }
    const steps = raw.length / stepSize;
    const values = hostTensor(raw.slice(), [steps, stepSize]);
    return {
      values,
      ...(this.#locates && lettersOf(steps)),
      ...(this.#locatesPixels && pixelsOf(steps)),
    };
  }

  locatePixels(): void {
    this.#locatesPixels = true;
  }

  locateTokens(): void {
    this.#locates = true;
  }

  interleave(parts: readonly DocumentPart[]): Interleaved<ReferenceRow> {
    let place = 0;
    const steps = parts.flatMap((part) => {
      if (part.kind === 'place') {
        const step = { values: new Float32Array(stepSize), place: place++ };
        return Array.from({ length: part.pieces?.count ?? 1 }, () => step);
      }
      const { data } = this.#partOf(part).values;
      return Array.from({ length: data.length / stepSize }, (_, step) => ({
        values: data.subarray(step * stepSize, (step + 1) * stepSize),
        place: -1,
      }));
    });
    const values = Float32Array.from(steps.flatMap((step) => Array.from(step.values)));
    return {
      features: { values: hostTensor(values, [steps.length, stepSize]) },
      places: Int32Array.from(steps, (step) => step.place),
    };
  }

  #partOf({ raw, where }: OwnPart): ReferenceRow {
    try {
      return this.process(raw);
    } catch (error) {
      throw SampleError.isInstance(error) ? error.at(where) : error;
    }
  }

  collate(rows: readonly ReferenceRow[], lengths?: Lengths): ReferenceFeatures {
    const values = rows.map((row) => row.values);
    const { steps } = commonLengths(
      rows.map((row) => this.shape(row)),
      lengths,
    );
    const mask = lengthMask(
      values.map(({ shape }) => shape[0]),
      steps,
    );
    return { values: padAndStack(values, [steps, stepSize]), mask, ...collatePlaces(rows, steps) };
  }

  shape({ values }: ReferenceRow) {
    return { lengths: { steps: bucketLength(values.shape[0], this.bucketSize) } };
  }
}

function lettersOf(steps: number): TokenPlaces {
  const each = Array.from({ length: steps }, (_, step) => step);
  return {
    offsets: hostTensor(Int32Array.from(each.flatMap((step) => [step, step + 1])), [steps, 2]),
    words: hostTensor(
      Int32Array.from(each, (step) => Math.floor(step / 2)),
      [steps],
    ),
    characters: hostTensor(
      Uint16Array.from(each, (step) => 'a'.charCodeAt(0) + step),
      [steps],
    ),
    firstToken: hostTensor(Int32Array.of(0), []),
  };
}

function pixelsOf(steps: number): PicturePlaceFeature {
  const sides = { width: steps, height: stepSize, seenWidth: steps, seenHeight: stepSize };
  return picturePlaceFeature({ ...sides, scaleX: 1, offsetX: 0, scaleY: 1, offsetY: 0 });
}

/** The processor of every reference encoder. */
export const referenceProcessor = defineProcessor({
  config: z.object({ bucketSize: z.int().positive().default(4) }),
  create: ({ bucketSize }) => new ReferenceProcessor(bucketSize),
});
