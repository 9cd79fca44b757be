import { generalCategories } from './tables';

const categoryNames = 'Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co Cs Cn'.split(
  ' ',
);
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%';

let starts: Int32Array | undefined;
let categories: readonly string[] = [];

/** The general category of a code point in Unicode 16.0, which Python's regular expressions follow: `'Lu'`. */
export function generalCategory(point: number): string {
  starts ??= readRuns();
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= point) low = middle;
    else high = middle - 1;
  }
  return categories[low];
}

function readRuns(): Int32Array {
  const runs = [...generalCategories.matchAll(/([0-9a-z]*)([^0-9a-z])/g)];
  categories = runs.map(([, , letter]) => categoryNames[letters.indexOf(letter)]);
  let end = 0;
  return Int32Array.from(runs, ([, length]) => {
    const start = end;
    end += length === '' ? 1 : Number.parseInt(length, 36);
    return start;
  });
}
