import { isMissing } from '../values/missing-cells';
import type { FoundColumn } from './found-column';

/** Columns that are called so hold classes, also where these are integers. */
const ofClasses = /^(labels?|class(es)?|cls|category|categories)([_ -]?(id|index|idx))?$/i;
/** And these what is to be learned: classes, if they are counted. */
const ofTargets = /^(targets?|y)$/i;

/** More classes than these are counted by nothing but a name. */
const mostCounted = 20;
/** More integers than these are no classes, or their names stand somewhere. */
const mostClasses = 1000;

/**
 * A column of integers as one of classes, where its name or its file says so: `label` of Hugging Face, `cls` of WebDataset. Whatever else it was
 * found to be it stays.
 *
 * @param names those of the classes, where the file has them: integers are their indices
 */
export function asClasses(found: FoundColumn, names: readonly string[] | undefined): FoundColumn {
  const { column, kind, cells } = found;
  if (names && kind === 'object') return { ...found, classes: names }; // of boxes
  if (kind !== 'number' && kind !== 'flag') return found;
  const empty = new Set(found.missing);
  const numbers = cells.filter((cell) => !isMissing(cell, empty)).map(Number);
  if (!numbers.every((own) => Number.isInteger(own) && own >= 0)) return found;
  if (names) {
    if (numbers.some((own) => own >= names.length)) return found;
    return {
      ...found,
      kind: 'category',
      why: `indices of ${names.length} classes, which the file names`,
      classes: names,
    };
  }
  if (kind === 'flag') return found;
  const distinct = new Set(numbers).size;
  if (distinct > Math.min(mostClasses, numbers.length / 2)) return found;
  const [first, last] = [Math.min(...numbers), Math.max(...numbers)];
  const areCounted = first <= 1 && last - first + 1 === distinct && distinct <= mostCounted;
  if (!ofClasses.test(column) && !(ofTargets.test(column) && areCounted)) return found;
  return { ...found, kind: 'category', why: `integers, ${distinct} different ones, and called as classes are` };
}
