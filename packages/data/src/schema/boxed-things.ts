import { isRecord } from '@polymodal/core';
import { isMissing } from '../values/missing-cells';

/** A box as a cell has it, and what it is called. */
interface BoxedThing {
  readonly box: readonly [number, number, number, number];
  readonly label: string | number | undefined;
}

/** What the boxes of a column come to. */
export interface BoxedThings {
  /** How boxes are written. */
  readonly format: 'xywh' | 'xyxy';
  readonly labels: readonly string[];
  /** Most boxes of a cell. */
  readonly most: number;
}

/** So many boxes whose last two numbers are all above the first two are hardly widths and heights. */
const enoughToTell = 20;

/**
 * The boxes in a column of cells: lists of `{ box, label }`, or `{ bbox, categories }`. Undefined where most cells are something else, and where the
 * numbers do not tell how boxes are written: corners always grow, which widths and heights rarely do beside their places; what is called `bbox` is COCO's.
 *
 * @param names of all labels, where the file has them: it is COCO's own
 */
export function boxedThings(cells: readonly unknown[], names?: readonly string[]): BoxedThings | undefined {
  const there = cells.filter((cell) => !isMissing(cell));
  const read = there.flatMap((cell) => {
    const things = thingsIn(cell);
    return things ? [things] : [];
  });
  const all = read.flat();
  if (all.length === 0 || read.length <= 0.9 * there.length) return undefined;
  const grow = all.every(({ box: [left, top, right, bottom] }) => right > left && bottom > top);
  const isCoco = there.some((cell) => isRecord(cell) && 'bbox' in cell);
  if (grow && all.length < enoughToTell && !isCoco) return undefined;
  return {
    format: !names && grow && all.length >= enoughToTell ? 'xyxy' : 'xywh',
    labels: names ?? labelsOf(all),
    most: Math.max(...read.map(({ length }) => length)),
  };
}

/** Names in their order; of numbers, which count from 0, all up to the largest. */
function labelsOf(things: readonly BoxedThing[]): string[] {
  const labels = things.flatMap(({ label }) => label ?? []);
  if (labels.length === 0) return ['object'];
  if (!labels.every((label): label is number => typeof label === 'number'))
    return [...new Set(labels.map(String))].sort();
  return Array.from({ length: Math.max(...labels) + 1 }, (_, index) => String(index));
}

/** The things of a cell; undefined of what has none. */
export function thingsIn(cell: unknown): readonly BoxedThing[] | undefined {
  const pairs = pairsIn(cell);
  return pairs?.every(isThing) ? pairs : undefined;
}

function pairsIn(cell: unknown): readonly RawThing[] | undefined {
  if (Array.isArray(cell)) return cell.map((own) => (isRecord(own) ? { box: own.box, label: own.label } : {}));
  if (!isRecord(cell) || !Array.isArray(cell.bbox)) return undefined;
  return cell.bbox.map((box, index) => ({ box, label: listed(cell.categories ?? cell.category, index) }));
}

interface RawThing {
  readonly box?: unknown;
  readonly label?: unknown;
}

function listed(labels: unknown, index: number): unknown {
  return Array.isArray(labels) ? labels[index] : undefined;
}

function isThing(own: RawThing): own is BoxedThing {
  const isLabel = own.label === undefined || typeof own.label === 'string' || Number.isInteger(own.label);
  return isLabel && Array.isArray(own.box) && own.box.length === 4 && own.box.every(Number.isFinite);
}
