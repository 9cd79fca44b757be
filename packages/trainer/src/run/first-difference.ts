import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '@polymodal/core';

/** Where two JSON values first differ. */
export interface Difference {
  /** e.g. `training.learningRate` */
  readonly path: string;
  readonly a: unknown;
  readonly b: unknown;
}

/** The first path at which two JSON values differ, `undefined` if they are equal. */
export function firstDifference(a: unknown, b: unknown, path = ''): Difference | undefined {
  if (isDeepStrictEqual(a, b)) return undefined;
  if (areLists(a, b)) return firstDifference({ ...(a as object) }, { ...(b as object) }, path);
  if (!isRecord(a) || !isRecord(b)) return { path, a, b };
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const difference = firstDifference(a[key], b[key], path ? `${path}.${key}` : key);
    if (difference) return difference;
  }
  return undefined;
}

/** A list that is longer than a line is told by the item that differs. */
const longestWhole = 100;

/** Whether two lists are compared item by item: of records, or long ones. Short ones, of numbers say, differ as a whole. */
function areLists(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return false;
  return (
    [a, b].every((list) => list.every(isRecord)) || [a, b].some((list) => JSON.stringify(list).length > longestWhole)
  );
}
