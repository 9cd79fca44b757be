import { type Features, type HostTensor, picturePlace, SampleError } from '@polymodal/core';
import { z } from 'zod';
import { type Box, type BoxFormat, boxOf } from './box-format';
import { givenCorners } from './seen-corners';

/** What may be asked of a head that finds boxes. */
export const findOptions = z.object({
  /** Boxes are told whose score is above this. */
  threshold: z.number().min(0).max(1).default(0.5),
  /** Most boxes of a picture: those of the highest scores. */
  maxBoxes: z.int().min(1).default(100),
});

/** What is asked, parsed. */
export type FindOptions = z.output<typeof findOptions>;

/** A thing that was found in a picture. */
export interface FoundBox {
  /** In pixels of the picture as it was given, in the format of the head. */
  readonly box: Box;
  readonly label: string;
  /** Of the label among the head's. */
  readonly index: number;
  /** The probability of the label, 0 to 1. */
  readonly score: number;
}

/** What was found in a picture, the highest scores first. */
export interface FoundBoxes {
  readonly boxes: readonly FoundBox[];
}

/** What scores are read by. */
export interface FoundBoxesConfig {
  readonly slot: string;
  readonly labels: readonly string[];
  readonly format: BoxFormat;
}

/**
 * The boxes of each picture: of each query its most probable label, where that is more probable than the threshold (HF
 * `post_process_object_detection`, whose boxes are not cut off at the edges of the picture).
 */
export function foundBoxes(
  { probabilities, boxes }: Readonly<Record<string, HostTensor>>,
  features: readonly Readonly<Record<string, Features>>[],
  { slot, labels, format }: FoundBoxesConfig,
  { threshold, maxBoxes }: FindOptions,
): FoundBoxes[] {
  const [size, queries, classes] = probabilities.shape;
  return Array.from({ length: size }, (_, row) => {
    const place = picturePlace(features[row]?.[slot] ?? {});
    if (!place) {
      throw new SampleError({
        where: slot,
        expected: 'features that say where the pixels of a picture are',
        received: 'others',
        hint: 'Prepare them with the processors of the model that has the head.',
      });
    }
    const found = Array.from({ length: queries }, (_, query): FoundBox => {
      const at = row * queries + query;
      const own = Array.from(probabilities.data.subarray(at * classes, (at + 1) * classes));
      const score = Math.max(...own);
      const [x, y, width, height] = Array.from(boxes.data.subarray(4 * at, 4 * at + 4));
      const seen = [
        (x - width / 2) * place.seenWidth,
        (y - height / 2) * place.seenHeight,
        (x + width / 2) * place.seenWidth,
        (y + height / 2) * place.seenHeight,
      ] as const;
      const index = own.indexOf(score);
      return { box: boxOf(givenCorners(seen, place), format), label: labels[index], index, score };
    });
    const told = found.filter(({ score }) => score > threshold).sort((one, other) => other.score - one.score);
    return { boxes: told.slice(0, maxBoxes) };
  });
}
