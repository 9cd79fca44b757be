import { z } from 'zod';

/** Two ways to write a box: COCO's [x, y, width, height], with x and y of its left upper corner, or [left, top, right, bottom]. */
export const boxFormats = ['xywh', 'xyxy'] as const;

/** One of {@link boxFormats}. */
export type BoxFormat = (typeof boxFormats)[number];

/** The option `format`: four numbers do not tell which of both they are, so that it has no default. */
export const formatOption = z.enum(boxFormats);

/** Four numbers in one of {@link boxFormats}. */
export type Box = readonly [number, number, number, number];

/** A box as [left, top, right, bottom]. */
export type Corners = readonly [left: number, top: number, right: number, bottom: number];

/** The corners of a box in some format. */
export function cornersOf([a, b, c, d]: Box, format: BoxFormat): Corners {
  return format === 'xywh' ? [a, b, a + c, b + d] : [a, b, c, d];
}

/** Corners in some format. */
export function boxOf([left, top, right, bottom]: Corners, format: BoxFormat): Box {
  return format === 'xywh' ? [left, top, right - left, bottom - top] : [left, top, right, bottom];
}
