import { isDeepStrictEqual } from 'node:util';
import type { SampleLine } from './data-fingerprint';

/** How the data of a run differ from those that it is gone on with. */
export interface DataChange {
  /** Which samples, e.g. `sample 17` or `sample 17, targets.digit`. */
  readonly where: string;
  readonly was: string;
  readonly is: string;
}

/**
 * The first difference between data and those that they were once, by the lines of their fingerprints.
 *
 * @param samplesPerLine how many samples a line stands for
 */
export function changedSample(
  before: readonly string[],
  now: readonly string[],
  samplesPerLine: number,
): DataChange | undefined {
  const line = now.findIndex((text, i) => text !== before[i]);
  if (line < 0) return undefined;
  const where = placeOf(line, samplesPerLine);
  if (isPermutation(before, now)) {
    const was = placeOf(now.indexOf(before[line]), samplesPerLine);
    return { where, was: `what is ${was} now`, is: 'the same samples in another order' };
  }
  return difference(JSON.parse(before[line]), JSON.parse(now[line]), where);
}

function difference(before: SampleLine, now: SampleLine, where: string): DataChange {
  const [slotsBefore, slotsNow] = [before, now].map(({ features }) => Object.keys(features).join(', '));
  if (slotsBefore !== slotsNow) return { where, was: slotsBefore, is: slotsNow };
  const slots = Object.keys(now.features).filter((slot) => before.features[slot] !== now.features[slot]);
  if (slots.length > 0) {
    return {
      where: `${where}, ${slots.join(', ')}`,
      was: `features with the checksum ${before.features[slots[0]]}`,
      is: now.features[slots[0]],
    };
  }
  if (before.targets && now.targets) return changedTarget(before.targets, now.targets, where);
  return { where: `${where}, targets`, was: checksumOf(before), is: checksumOf(now) };
}

function changedTarget(before: Targets, now: Targets, where: string): DataChange {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  const name = names.find((own) => !isDeepStrictEqual(before[own], now[own])) ?? '';
  const [was, is] = [before, now].map((targets) => JSON.stringify(targets[name]) ?? 'none');
  return { where: `${where}, targets.${name}`, was, is };
}

type Targets = NonNullable<SampleLine['targets']>;

function checksumOf({ targetsSha256 }: SampleLine): string {
  return targetsSha256 === undefined ? 'few targets' : `targets with the checksum ${targetsSha256}`;
}

function isPermutation(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && isDeepStrictEqual([...a].sort(), [...b].sort());
}

function placeOf(line: number, samplesPerLine: number): string {
  const first = line * samplesPerLine;
  return samplesPerLine === 1 ? `sample ${first}` : `one of samples ${first} to ${first + samplesPerLine - 1}`;
}
