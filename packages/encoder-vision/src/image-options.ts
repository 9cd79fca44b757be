import { ConfigError } from '@polymodal/core';
import { z } from 'zod';
import { sidesOption } from './sides';

const perChannel = z.union([z.number(), z.array(z.number()).readonly()]);
const colourValue = z.int().min(0).max(255);

/** [red, green, blue], 0 to 255. */
export const colour = z.tuple([colourValue, colourValue, colourValue]).readonly();

/** What pictures are made into. */
export const imageOptions = z.object({
  /** Pixels a side, or [height, width]. */
  imageSize: sidesOption.default(224),
  /** 3: RGB. 1: grey, the luma of ITU-R BT.601. */
  channels: z.union([z.literal(1), z.literal(3)]).default(3),
  /**
   * How a picture of another aspect ratio fits: `squash` distorts it, `cover` crops what sticks out around the centre,
   * `contain` pads it with the background.
   */
  resize: z.enum(['squash', 'cover', 'contain']).default('squash'),
  /** Resampling filter. All but `nearest` are widened when a picture shrinks, so that nothing aliases. */
  kernel: z.enum(['nearest', 'bilinear', 'bicubic', 'lanczos']).default('bicubic'),
  /** Subtracted from values that lie between 0 and 1, for all channels or for each. */
  mean: perChannel.default(0.5),
  /** Then divided by, for all channels or for each. */
  std: perChannel.default(0.5),
  /** [red, green, blue], 0 to 255, behind transparent pixels and around contained pictures. White unless told. */
  background: colour.default([255, 255, 255]),
});

/** {@link imageOptions}, parsed. */
export type ImageOptions = z.output<typeof imageOptions>;

/** One value for each channel. @throws ConfigError if a list has another length */
export function channelValues(value: number | readonly number[], channels: number, where: string): readonly number[] {
  if (typeof value === 'number') return new Array<number>(channels).fill(value);
  if (value.length === channels) return value;
  throw new ConfigError({
    where,
    expected: `one number, or one for each of ${channels} channels`,
    received: `${value.length} numbers`,
  });
}
