import { createHash } from 'node:crypto';

/** Samples that belong together, so that they are on one side. */
export interface SplitUnit {
  readonly name: string;
  /** How many samples. */
  readonly size: number;
  /** What is to be on every side in the same share: a class and a combination of modalities. */
  readonly stratum: string;
}

/**
 * Gives each unit its part. Within a stratum units are in the order of a hash of their names, and the parts are cut from it by their
 * shares: so each has its share of every stratum, to within a unit, and one unit more moves at most one other over each border. Where
 * shares are no whole units, a hash of the stratum decides who gets the rest, so that over many small strata the shares hold too.
 *
 * @param shares of the parts, in their order; they add up to 1
 */
export function assignParts(
  units: readonly SplitUnit[],
  shares: Readonly<Record<string, number>>,
  seed: number,
): Map<string, string> {
  const strata = byStratum(units);
  const parts = new Map<string, string>();
  for (const [stratum, own] of strata) {
    const total = own.reduce((sum, { size }) => sum + size, 0);
    const rest = hashed(seed, 'stratum', stratum);
    const placed = own.map((unit) => ({ unit, place: hashed(seed, 'unit', unit.name) }));
    placed.sort((a, b) => a.place - b.place || (a.unit.name < b.unit.name ? -1 : 1));
    let before = 0;
    for (const { unit } of placed) {
      parts.set(unit.name, partAt((before + rest * unit.size) / total, shares));
      before += unit.size;
    }
  }
  return parts;
}

/** The part of a unit of which nothing but the name is known: over many, parts have their shares. */
export function partOf(name: string, shares: Readonly<Record<string, number>>, seed: number): string {
  return partAt(hashed(seed, 'unit', name), shares);
}

function partAt(position: number, shares: Readonly<Record<string, number>>): string {
  const names = Object.keys(shares).filter((name) => shares[name] > 0);
  let border = 0;
  for (const name of names) {
    border += shares[name];
    if (position < border - 1e-12) return name;
  }
  return names[names.length - 1];
}

function byStratum(units: readonly SplitUnit[]): Map<string, SplitUnit[]> {
  const groups = new Map<string, SplitUnit[]>();
  for (const unit of units) {
    const group = groups.get(unit.stratum);
    if (group) group.push(unit);
    else groups.set(unit.stratum, [unit]);
  }
  return groups;
}

/** A number from 0 up to 1 that follows from a name. */
function hashed(seed: number, kind: string, name: string): number {
  const digest = createHash('sha256').update(`${seed}\n${kind}\n${name}`).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}
