import type { RandomKey } from '@polymodal/core';
import { drawPicture, type Picture } from '@polymodal/example-scenes/scene/draw-picture';
import { edition, type TwoViews } from './two-views';

/** The screen: a grey that no object has, and from its middle to its edge in pixels. */
const [grey, reach] = [128, 7];

/** The picture of a scene with a screen before one object, of which nothing is left to see but where it is. */
export function drawView({ objects, hidden }: Pick<TwoViews, 'objects' | 'hidden'>, key: RandomKey): Picture {
  const picture = drawPicture({ objects }, edition.size);
  const { x, y } = objects[hidden];
  const [column, row] = [x, y].map((middle, axis) => Math.round(middle) + key.fold(axis).integer(-1, 2));
  const end = (middle: number) => Math.min(edition.size, middle + reach);
  for (let at = Math.max(0, row - reach); at < end(row); at++) {
    const start = at * edition.size;
    picture.data.fill(grey, 3 * (start + Math.max(0, column - reach)), 3 * (start + end(column)));
  }
  return picture;
}
