import type { PicturePlace } from '@polymodal/core';
import type { Corners } from './box-format';

/**
 * Where a box of a picture lies in what the encoder is given of it, cut off at its edges; undefined where less than a share of it is seen.
 *
 * @param corners in pixels of the picture
 * @returns       in pixels of what the encoder is given
 */
export function seenCorners(corners: Corners, place: PicturePlace, minVisible: number): Corners | undefined {
  const { scaleX, offsetX, scaleY, offsetY, seenWidth, seenHeight } = place;
  const [left, right] = ordered(scaleX * corners[0] + offsetX, scaleX * corners[2] + offsetX);
  const [top, bottom] = ordered(scaleY * corners[1] + offsetY, scaleY * corners[3] + offsetY);
  const seen: Corners = [Math.max(left, 0), Math.max(top, 0), Math.min(right, seenWidth), Math.min(bottom, seenHeight)];
  const [width, height] = [seen[2] - seen[0], seen[3] - seen[1]];
  if (width <= 0 || height <= 0) return undefined;
  return (width * height) / ((right - left) * (bottom - top)) >= minVisible ? seen : undefined;
}

/** Where in a picture that lies which a head has found in what the encoder was given, cut off at the picture's edges. The opposite way. */
export function givenCorners(seen: Corners, place: PicturePlace): Corners {
  const { scaleX, offsetX, scaleY, offsetY, width, height } = place;
  const across = (x: number) => clamped((x - offsetX) / scaleX, width);
  const down = (y: number) => clamped((y - offsetY) / scaleY, height);
  const [left, right] = ordered(across(seen[0]), across(seen[2]));
  const [top, bottom] = ordered(down(seen[1]), down(seen[3]));
  return [left, top, right, bottom];
}

/** A mirror image has left and right exchanged. */
function ordered(one: number, other: number): readonly [number, number] {
  return one <= other ? [one, other] : [other, one];
}

function clamped(at: number, side: number): number {
  return Math.min(Math.max(at, 0), side);
}
