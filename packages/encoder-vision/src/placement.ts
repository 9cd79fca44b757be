import { type PicturePlace, SampleError } from '@polymodal/core';
import type { ImageFit } from './fit-image';
import type { OpaquePixels } from './raw-image';
import type { Sides } from './sides';

/** Where the pixels of a picture that was changed come from: a point lies at `scale · point + offset` of the picture as it was given. */
export type Placement = Omit<PicturePlace, 'seenWidth' | 'seenHeight'>;

/** By how much points move along both axes. */
export type Move = Pick<Placement, 'scaleX' | 'offsetX' | 'scaleY' | 'offsetY'>;

/** Of a picture as it is. */
export function asGiven({ width, height }: { readonly width: number; readonly height: number }): Placement {
  return { width, height, scaleX: 1, offsetX: 0, scaleY: 1, offsetY: 0 };
}

/** That of a picture whose points were moved once more; of pixels whose place is not known it is not known then either. */
export function moved(
  { placement }: OpaquePixels,
  { scaleX, offsetX, scaleY, offsetY }: Move,
): OpaquePixels['placement'] {
  if (!placement || placement === 'turned') return placement;
  return {
    ...placement,
    scaleX: scaleX * placement.scaleX,
    offsetX: scaleX * placement.offsetX + offsetX,
    scaleY: scaleY * placement.scaleY,
    offsetY: scaleY * placement.offsetY + offsetY,
  };
}

/**
 * Where a picture's pixels lie in what its encoder is given.
 *
 * @throws SampleError for pixels that were turned or sheared, so that a box is none any more, and for those of which an augmentation did not
 *   say how it moved them
 */
export function placeOf(
  picture: OpaquePixels,
  { box, size, canvas }: ImageFit,
  where: 'given' | 'changed',
): PicturePlace {
  const placement = picture.placement ?? (where === 'given' ? asGiven(picture) : undefined);
  if (!placement || placement === 'turned') throw unplaced(placement);
  const [across, down] = [size[1] / box.width, size[0] / box.height];
  const [top, left] = canvas.map((side, axis) => -Math.floor((size[axis as 0 | 1] - side) / 2)) as unknown as Sides;
  const fitted = moved(
    { ...picture, placement },
    {
      ...{ scaleX: across, offsetX: left - box.left * across },
      ...{ scaleY: down, offsetY: top - box.top * down },
    },
  ) as Placement;
  return { ...fitted, seenWidth: canvas[1], seenHeight: canvas[0] };
}

function unplaced(placement: 'turned' | undefined): SampleError {
  const isTurned = placement === 'turned';
  return new SampleError({
    expected: 'augmentations that say where pixels go, since a head points into the picture',
    received: isTurned
      ? 'one that turns or shears the picture, so that boxes in it are none any more'
      : 'one that does not',
    hint: isTurned
      ? 'Leave out rand-augment; flip, crop, resized-crop and all that changes colours alone go together with boxes.'
      : 'It has to hand on, or move, the `placement` of the pixels that it is given.',
  });
}
