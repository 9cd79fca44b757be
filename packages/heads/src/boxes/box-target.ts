import {
  bucketLength,
  commonLengths,
  defineTarget,
  describeValue,
  type HostTensor1D,
  type HostTensor2D,
  type HostTensor3D,
  hostTensor,
  isRecord,
  type Lengths,
  lengthMask,
  type PicturePlace,
  type ProcessContext,
  type Processor,
  padAndStack,
  picturePlace,
  SampleError,
} from '@polymodal/core';
import { z } from 'zod';
import { labelIndex } from '../class-target';
import { type Box, type BoxFormat, type Corners, cornersOf, formatOption } from './box-format';
import { pictureSlot } from './picture-slot';
import { seenCorners } from './seen-corners';

const options = z.object({
  /** The slot of the pictures; by default the only one of pictures. */
  of: z.string().min(1).optional(),
  /** What things are called. Of one label, boxes need not name it. */
  labels: z
    .array(z.string().min(1))
    .min(1)
    .refine((labels) => new Set(labels).size === labels.length, 'labels that differ from one another')
    .readonly()
    .default(['object']),
  /** How boxes are written, in targets and answers, in pixels of the picture: `xywh`, as COCO does, or `xyxy`. */
  format: formatOption,
  /** How many things are looked for at once: a picture has no more boxes than these. */
  numQueries: z.int().min(1).max(4096).default(100),
  /** Boxes are left out of which less than this share is seen, where pictures are cropped. */
  minVisible: z.number().min(0).max(1).default(0.1),
  /** Boxes of a batch are padded to a multiple of this. */
  bucketSize: z.int().min(1).default(4),
});

/** Parsed options of the target of `boxes`. */
export type BoxTargetOptions = z.output<typeof options>;

/** The boxes of one picture. */
export type BoxRow = {
  /** (N, 4): middle, width and height of those that are seen, as shares of what the encoder is given. */
  readonly boxes: HostTensor2D;
  /** int32 (N) */
  readonly labels: HostTensor1D;
  /** (M, 4): left, top, right and bottom of all, in pixels of the picture as it was given. */
  readonly corners: HostTensor2D;
  /** int32 (M), their labels. */
  readonly all: HostTensor1D;
};

/** Those of P pictures. */
export type BoxFeatures = {
  /** (P, T, 4) */
  readonly boxes: HostTensor3D;
  /** int32 (P, T) */
  readonly labels: HostTensor2D;
  /** (P, T), 1 = is a box. */
  readonly mask: HostTensor2D;
};

/** So far a box may stick out of its picture, in pixels: annotations are rounded. It is cut off. */
const tolerance = 1;

/**
 * The boxes in a picture, in its pixels: a list of `{ box, label }`, or two lists side by side, `{ bbox, categories }`, as image folders
 * of Hugging Face have them. An empty list says that there is nothing; a target that is left out, that nobody knows.
 */
export class BoxTarget implements Processor<unknown, BoxRow, BoxFeatures> {
  readonly masks = { mask: ['boxes', 'labels'] };
  readonly #indices: ReadonlyMap<string, number>;

  constructor(
    readonly slot: string,
    readonly config: Omit<BoxTargetOptions, 'of'>,
  ) {
    this.#indices = new Map(config.labels.map((label, index) => [label, index]));
  }

  /** @throws SampleError for what is no list of boxes, a box that is none or lies outside, and more boxes than there are queries */
  process(raw: unknown, { modalities }: ProcessContext): BoxRow {
    const things = thingsOf(raw);
    const { numQueries, labels, format, minVisible } = this.config;
    if (things.length > numQueries) {
      throw new SampleError({
        expected: `at most ${numQueries} boxes, as many as the head has queries`,
        received: `${things.length}`,
        hint: 'Raise numQueries of the head.',
      });
    }
    const features = modalities?.[this.slot];
    const place = features && picturePlace(features);
    if (features && !place) {
      throw new SampleError({
        where: this.slot,
        expected: 'one picture, in which boxes can lie',
        received: 'features that do not say where its pixels are',
      });
    }
    const found = things.map(({ box, label }, index) => {
      try {
        const isNamed = label !== undefined || labels.length > 1;
        return {
          corners: requireCorners(box, format, place),
          label: isNamed ? labelIndex(label, labels, this.#indices) : 0,
        };
      } catch (error) {
        throw SampleError.isInstance(error) ? error.at(`box ${index}`) : error;
      }
    });
    const seen = place
      ? found.flatMap(({ corners, label }) => {
          const own = seenCorners(corners, place, minVisible);
          return own ? [{ box: middleAndSides(own, place), label }] : [];
        })
      : [];
    const labelsOf = (all: readonly { readonly label: number }[]) =>
      hostTensor(
        Int32Array.from(all, ({ label }) => label),
        [all.length],
      );
    return {
      boxes: hostTensor(Float32Array.from(seen.flatMap(({ box }) => box)), [seen.length, 4]),
      labels: labelsOf(seen),
      corners: hostTensor(Float32Array.from(found.flatMap(({ corners }) => corners)), [found.length, 4]),
      all: labelsOf(found),
    };
  }

  collate(rows: readonly BoxRow[], lengths?: Lengths): BoxFeatures {
    const { things } = commonLengths(
      rows.map((row) => this.shape(row)),
      lengths,
    );
    const counts = rows.map(({ labels }) => labels.shape[0]);
    return {
      boxes: padAndStack(
        rows.map(({ boxes }) => boxes),
        [things, 4],
      ) as HostTensor3D,
      labels: padAndStack(
        rows.map(({ labels }) => labels),
        [things],
      ) as HostTensor2D,
      mask: lengthMask(counts, things),
    };
  }

  shape({ labels }: BoxRow) {
    const { bucketSize, numQueries } = this.config;
    return { lengths: { things: Math.min(bucketLength(Math.max(1, labels.shape[0]), bucketSize), numQueries) } };
  }
}

/** A box and its label as they were given. */
interface RawThing {
  readonly box: unknown;
  readonly label: unknown;
}

function thingsOf(raw: unknown): RawThing[] {
  if (Array.isArray(raw)) return raw.map((thing, index) => thingOf(thing, index));
  if (isRecord(raw) && Array.isArray(raw.bbox)) {
    const { bbox, categories = raw.category } = raw as Readonly<Record<string, unknown>> & { bbox: unknown[] };
    if (categories !== undefined && (!Array.isArray(categories) || categories.length !== bbox.length)) {
      throw new SampleError({
        where: 'categories',
        expected: `a list of ${bbox.length}, one for each of bbox`,
        received: Array.isArray(categories) ? `one of ${categories.length}` : describeValue(categories),
      });
    }
    return bbox.map((box, index) => ({ box, label: (categories as unknown[] | undefined)?.[index] }));
  }
  throw new SampleError({
    expected: 'a list of { box: […], label }, or { bbox: [[…]], categories: […] }',
    received: describeValue(raw),
    hint: 'An empty list says that there is nothing in the picture; leave the target out where nobody knows.',
  });
}

function thingOf(thing: unknown, index: number): RawThing {
  const other = isRecord(thing) ? Object.keys(thing).find((key) => key !== 'box' && key !== 'label') : undefined;
  if (isRecord(thing) && 'box' in thing && other === undefined) return { box: thing.box, label: thing.label };
  throw new SampleError({
    where: `box ${index}`,
    expected: '{ box, label }',
    received: other === undefined ? describeValue(thing) : `one with "${other}"`,
  });
}

/**
 * Corners in pixels, within the picture.
 *
 * @param place of the picture, where it is known
 * @throws SampleError
 */
function requireCorners(box: unknown, format: BoxFormat, place: PicturePlace | undefined): Corners {
  const isFour = (Array.isArray(box) || ArrayBuffer.isView(box)) && (box as unknown[]).length === 4;
  const numbers = isFour ? Array.from(box as ArrayLike<unknown>) : [];
  const names = format === 'xywh' ? '[x, y, width, height]' : '[left, top, right, bottom]';
  if (!isFour || !numbers.every((number) => Number.isFinite(number))) {
    throw new SampleError({ expected: `${names}, four numbers in pixels`, received: describeBox(box) });
  }
  const [left, top, right, bottom] = cornersOf(numbers as unknown as Box, format);
  if (!(right > left && bottom > top)) {
    throw new SampleError({
      expected: `${names} of a width and a height above 0`,
      received: describeBox(box),
      hint: `The head's format is "${format}".`,
    });
  }
  if (!place) return [left, top, right, bottom];
  const { width, height } = place;
  const [most, down] = [width + tolerance, height + tolerance];
  if (left < -tolerance || top < -tolerance || right > most || bottom > down || left >= width || top >= height) {
    throw new SampleError({
      expected: `a box within the picture of ${width} × ${height} pixels`,
      received: `${describeBox(box)}, which reaches from (${left}, ${top}) to (${right}, ${bottom})`,
      hint: `Boxes are in pixels of the picture as it is given, upright, and the head's format is "${format}".`,
    });
  }
  return [Math.max(left, 0), Math.max(top, 0), Math.min(right, width), Math.min(bottom, height)];
}

function describeBox(box: unknown): string {
  return Array.isArray(box) && box.length <= 8 ? `[${box.map(describeValue).join(', ')}]` : describeValue(box);
}

function middleAndSides([left, top, right, bottom]: Corners, { seenWidth, seenHeight }: PicturePlace): Box {
  return [
    (left + right) / 2 / seenWidth,
    (top + bottom) / 2 / seenHeight,
    (right - left) / seenWidth,
    (bottom - top) / seenHeight,
  ];
}

/** Of the head `boxes`. */
export const boxTarget = defineTarget({
  config: options,
  create: ({ of, ...config }, { processors }) => new BoxTarget(pictureSlot(of, processors), config),
});
