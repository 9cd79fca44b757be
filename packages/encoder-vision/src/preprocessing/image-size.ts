import { z } from 'zod';
import type { Sides } from '../sides';

const side = z.int().positive();

/** The longer side; the other one follows. */
export const longestEdge = z.strictObject({ longest_edge: side });

const namedSize = z.union([
  z.strictObject({ height: side, width: side }),
  z.strictObject({ shortest_edge: side, longest_edge: side.nullish() }),
  z.strictObject({ max_height: side, max_width: side }),
  longestEdge,
]);

/** `size` or `crop_size` of a preprocessor_config.json: older ones give a number or [height, width]. */
export const imageSize = z.union([side, z.tuple([side, side]), namedSize]);

/** How large a picture becomes, in the words of preprocessor_config.json. */
export type ImageSize = z.output<typeof namedSize>;

/** @param square whether one number stands for both sides, or for the shorter of them */
export function nameSize(size: z.output<typeof imageSize>, square: boolean): ImageSize {
  if (Array.isArray(size)) return { height: size[0], width: size[1] };
  if (typeof size !== 'number') return size;
  return square ? { height: size, width: size } : { shortest_edge: size };
}

/** [height, width] that a picture of the given sides is resized to (HF `PilBackend.resize`). */
export function resizedSides([height, width]: Sides, size: ImageSize): Sides {
  if ('height' in size) return [size.height, size.width];
  if ('max_height' in size) {
    const scale = Math.min(size.max_height / height, size.max_width / width);
    return [Math.trunc(height * scale), Math.trunc(width * scale)];
  }
  if (!('shortest_edge' in size)) return sidesOfLongest([height, width], size.longest_edge);
  const [short, long] = height < width ? [height, width] : [width, height];
  const [newShort, newLong] = resizedEdges(short, long, size.shortest_edge, size.longest_edge ?? undefined);
  return height < width ? [newShort, newLong] : [newLong, newShort];
}

/** No side is longer, whatever is asked for (HF `MAX_IMAGE_SIZE`). */
const longestSide = 4096;

/** The other side is even, unless that is beyond the limit (HF `get_resize_output_image_size` of Idefics3). */
function sidesOfLongest([height, width]: Sides, longest: number): Sides {
  const ratio = width / height;
  const even = (length: number) => Math.max(length + (length % 2), 1);
  const [tall, wide] =
    width >= height ? [even(Math.trunc(longest / ratio)), longest] : [longest, even(Math.trunc(longest * ratio))];
  if (Math.max(tall, wide) <= longestSide) return [tall, wide];
  const limited = wide / tall;
  return wide >= tall
    ? [Math.max(Math.trunc(longestSide / limited), 1), longestSide]
    : [longestSide, Math.max(Math.trunc(longestSide * limited), 1)];
}

/** The order of the operations is Python's: another would be cut off elsewhere. */
function resizedEdges(short: number, long: number, wanted: number, limit: number | undefined): Sides {
  if (limit === undefined) return [wanted, Math.trunc((wanted * long) / short)];
  const exceeds = (long / short) * wanted > limit;
  const exact = exceeds ? (limit * short) / long : wanted;
  const rounded = exceeds ? roundHalfToEven(exact) : wanted;
  return rounded === short ? [short, long] : [rounded, Math.trunc((exact * long) / short)];
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
