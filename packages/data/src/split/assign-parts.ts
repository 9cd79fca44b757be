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
 * shares: so each has its share of every stratum, to within half a unit, and one unit more moves at most one other over each border. Strata
 * that are too small to be cut so make up for what those before them have given too much or too little, so that the whole has its shares
 * too: there, one unit more may move one in each of them.
 *
 * @param shares of the parts, in their order; they add up to 1
 */
export function assignParts(
  units: readonly SplitUnit[],
  shares: Readonly<Record<string, number>>,
  seed: number,
): Map<string, string> {
  const borders = bordersOf(shares);
  const smallest = Math.min(...Object.values(shares).filter((share) => share > 0));
  const parts = new Map<string, string>();
  const surplus = borders.map(() => 0);
  for (const [, stratum] of [...byStratum(units)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const total = stratum.reduce((sum, { size }) => sum + size, 0);
    const isSmall = stratum.length * smallest < unitsOfPart;
    const placed = stratum.map((unit) => ({ unit, place: hashed(seed, unit.name) }));
    placed.sort((a, b) => a.place - b.place || (a.unit.name < b.unit.name ? -1 : 1));
    const targets = borders.map(({ border }, part) => border * total - (isSmall ? surplus[part] : 0));
    const given = borders.map(() => 0);
    let before = 0;
    for (const { unit } of placed) {
      const found = targets.findIndex((target) => before + unit.size / 2 < target);
      const part = found < 0 ? borders.length - 1 : found;
      parts.set(unit.name, borders[part].part);
      for (let own = part; own < borders.length; own++) given[own] += unit.size;
      before += unit.size;
    }
    borders.forEach(({ border }, part) => {
      surplus[part] += given[part] - border * total;
    });
  }
  return parts;
}

/** A stratum whose smallest part has so many units is cut by itself. */
const unitsOfPart = 2;

/** The part of a unit of which nothing but the name is known: over many, parts have their shares. */
export function partOf(name: string, shares: Readonly<Record<string, number>>, seed: number): string {
  const place = hashed(seed, name);
  const borders = bordersOf(shares);
  return (borders.find(({ border }) => place < border) ?? borders[borders.length - 1]).part;
}

/** Up to which share of all each part goes. */
function bordersOf(shares: Readonly<Record<string, number>>): readonly { part: string; border: number }[] {
  let border = 0;
  return Object.entries(shares)
    .filter(([, share]) => share > 0)
    .map(([part, share]) => {
      border += share;
      return { part, border };
    });
}

function byStratum(units: readonly SplitUnit[]): Map<string, SplitUnit[]> {
  const strata = new Map<string, SplitUnit[]>();
  for (const unit of units) {
    const stratum = strata.get(unit.stratum);
    if (stratum) stratum.push(unit);
    else strata.set(unit.stratum, [unit]);
  }
  return strata;
}

/** A number from 0 up to 1 that follows from a name. */
function hashed(seed: number, name: string): number {
  return createHash('sha256').update(`${seed}\n${name}`).digest().readUIntBE(0, 6) / 2 ** 48;
}
