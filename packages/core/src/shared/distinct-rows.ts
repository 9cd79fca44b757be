import type { Features, HostTensor } from '../features';
import { hashFeatures, wordsOf } from '../hash-features';

/**
 * Which rows have equal features, to the byte: of each row the number of its value, 0 for that of the first row, 1 for the next that
 * is another, and so on.
 */
export function distinctRows(rows: readonly Features[]): Int32Array {
  const firstOf: number[] = [];
  const byHash = new Map<number, number[]>();
  return Int32Array.from(rows, (row, index) => {
    const hash = hashFeatures(row);
    const alike = byHash.get(hash) ?? [];
    byHash.set(hash, alike);
    const known = alike.find((number) => areEqual(rows[firstOf[number]], row));
    if (known !== undefined) return known;
    alike.push(firstOf.length);
    return firstOf.push(index) - 1;
  });
}

function areEqual(a: Features, b: Features): boolean {
  if (a === b) return true;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => name in b && isSame(a[name], b[name]));
}

function isSame(a: HostTensor, b: HostTensor): boolean {
  if (a.data === b.data) return String(a.shape) === String(b.shape);
  if (a.data.constructor !== b.data.constructor || String(a.shape) !== String(b.shape)) return false;
  const [own, other] = [wordsOf(a.data), wordsOf(b.data)];
  return own.every((word, index) => word === other[index]);
}
