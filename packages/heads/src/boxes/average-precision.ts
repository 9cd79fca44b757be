import type { Corners } from './box-format';

/** A box that was found, or that is there. */
interface LabelledBox {
  readonly corners: Corners;
  readonly label: number;
}

/** A box that was found, with how sure that is. */
interface ScoredBox extends LabelledBox {
  readonly score: number;
}

/** What was found in a picture, and what is there. */
export interface JudgedPicture {
  readonly found: readonly ScoredBox[];
  readonly actual: readonly LabelledBox[];
}

/** Shares of intersection and union from which on a box is found: 0.5, 0.55, …, 0.95. */
const thresholds = Array.from({ length: 10 }, (_, step) => 0.5 + 0.05 * step);
/** Places of the curve of precision against recall: 0, 0.01, …, 1. */
const recalls = Array.from({ length: 101 }, (_, step) => step / 100);
/** Of a picture and label so many of the surest count. */
const mostFound = 100;

/** Average precision, as COCO counts it. */
export interface BoxPrecision {
  /** The mean over ten shares of overlap, from 0.5 to 0.95. */
  readonly averagePrecision: number;
  /** Of boxes that overlap by half. */
  readonly averagePrecision50: number;
  /** Of boxes that overlap by three quarters. */
  readonly averagePrecision75: number;
}

/**
 * Average precision of boxes, as pycocotools computes it for all areas and 100 boxes a picture: of each label the mean, over 101 places of recall, of the best
 * precision that there is at that recall or beyond; then the mean over the labels that occur.
 *
 * @returns undefined where there is no box in any picture
 */
export function boxPrecision(pictures: readonly JudgedPicture[]): BoxPrecision | undefined {
  const labels = [...new Set(pictures.flatMap(({ actual }) => actual.map(({ label }) => label)))];
  if (labels.length === 0) return undefined;
  const ofLabels = labels.map((label) => precisionsOf(pictures.map((picture) => matchedOf(picture, label))));
  const meanAt = (step: number) => mean(ofLabels.map((own) => own[step]));
  return {
    averagePrecision: mean(thresholds.map((_, step) => meanAt(step))),
    averagePrecision50: meanAt(0),
    averagePrecision75: meanAt(5),
  };
}

/** What was found of a label in a picture, the surest first, and whether each is right at each threshold. */
interface MatchedPicture {
  readonly scores: readonly number[];
  /** By threshold. */
  readonly right: readonly (readonly boolean[])[];
  readonly actual: number;
}

/** Pictures are judged again and again for the bootstrap: what was matched in one stays. */
const known = new WeakMap<JudgedPicture, Map<number, MatchedPicture>>();

function matchedOf(picture: JudgedPicture, label: number): MatchedPicture {
  const own = known.get(picture) ?? new Map<number, MatchedPicture>();
  known.set(picture, own);
  const matched = own.get(label) ?? matchPicture(picture, label);
  own.set(label, matched);
  return matched;
}

function matchPicture(picture: JudgedPicture, label: number): MatchedPicture {
  const found = picture.found
    .filter((box) => box.label === label)
    .sort((one, other) => other.score - one.score)
    .slice(0, mostFound);
  const actual = picture.actual.filter((box) => box.label === label);
  const overlaps = found.map((one) => actual.map((other) => overlapOf(one.corners, other.corners)));
  const right = thresholds.map((threshold) => {
    const taken = new Set<number>();
    return overlaps.map((own) => {
      let [best, most] = [-1, Math.min(threshold, 1 - 1e-10)];
      own.forEach((overlap, index) => {
        if (taken.has(index) || overlap < most) return;
        [best, most] = [index, overlap];
      });
      if (best >= 0) taken.add(best);
      return best >= 0;
    });
  });
  return { scores: found.map(({ score }) => score), right, actual: actual.length };
}

/** Intersection over union. */
function overlapOf(one: Corners, other: Corners): number {
  const shared = (axis: 0 | 1) =>
    Math.max(0, Math.min(one[axis + 2], other[axis + 2]) - Math.max(one[axis], other[axis]));
  const area = (box: Corners) => (box[2] - box[0]) * (box[3] - box[1]);
  const intersection = shared(0) * shared(1);
  return intersection / (area(one) + area(other) - intersection);
}

/** The average precision of one label at each threshold. */
function precisionsOf(pictures: readonly MatchedPicture[]): number[] {
  const all = pictures.flatMap(({ scores, right }) =>
    scores.map((score, place) => ({ score, right: right.map((own) => own[place]) })),
  );
  all.sort((one, other) => other.score - one.score);
  const actual = pictures.reduce((sum, picture) => sum + picture.actual, 0);
  return thresholds.map((_, step) => {
    const reached: number[] = [];
    const precisions: number[] = [];
    let hits = 0;
    all.forEach(({ right }, place) => {
      if (right[step]) hits++;
      reached.push(hits / actual);
      precisions.push(hits / (place + 1));
    });
    for (let place = precisions.length - 2; place >= 0; place--) {
      precisions[place] = Math.max(precisions[place], precisions[place + 1]);
    }
    let place = 0;
    const read = recalls.map((recall) => {
      while (place < reached.length && reached[place] < recall) place++;
      return precisions[place] ?? 0;
    });
    return mean(read);
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
