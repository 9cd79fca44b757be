import type { JudgedPicture } from './average-precision';
import { type BoxFormat, type Corners, cornersOf } from './box-format';
import type { BoxRow } from './box-target';
import type { FoundBoxes } from './found-boxes';

/** One and the same for a prediction, by which what was matched in it is known when it is judged again. */
const known = new WeakMap<FoundBoxes, JudgedPicture>();

/** What was found in a picture beside all that is there, also what the encoder is not shown of it. */
export function judgedPicture(prediction: FoundBoxes, target: BoxRow, format: BoxFormat): JudgedPicture {
  const judged = known.get(prediction) ?? {
    found: prediction.boxes.map(({ box, index, score }) => ({ corners: cornersOf(box, format), label: index, score })),
    actual: Array.from(target.all.data, (label, at) => ({
      corners: Array.from(target.corners.data.subarray(4 * at, 4 * at + 4)) as unknown as Corners,
      label,
    })),
  };
  known.set(prediction, judged);
  return judged;
}
