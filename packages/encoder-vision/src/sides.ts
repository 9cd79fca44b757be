import { z } from 'zod';

/** Of a picture, in pixels. */
export type Sides = readonly [height: number, width: number];

const side = z.int().positive();

/** The option of sides: a number for both, or [height, width]. `perAxis` of `@polymodal/nn` makes {@link Sides} of it. */
export const sidesOption = z.union([side, z.tuple([side, side]).readonly()]);
