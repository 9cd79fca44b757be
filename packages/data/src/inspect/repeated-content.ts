/** One content that several samples have. */
export interface Repeated {
  /** The slot in which they have it; none where it is the whole sample. */
  readonly slot?: string | undefined;
  /** How many samples. */
  readonly count: number;
  /** The parts of the data in which they are. */
  readonly parts: readonly string[];
  /** Where the first of them stand. */
  readonly places: readonly string[];
}

/** Contents that occur more than once. */
export interface RepeatedContents {
  /** How many samples are there beyond the first of each content. */
  readonly count: number;
  /** Those with the most samples. */
  readonly first: readonly Repeated[];
}

const mostTold = 20;
const mostPlaces = 4;

/** Notices contents that occur again. */
export class ContentIndex {
  readonly #seen = new Map<string, { count: number; slot: string | undefined; parts: Set<string>; places: string[] }>();

  add(sha256: string, slot: string | undefined, part: string, place: string): void {
    const key = `${slot ?? ''} ${sha256}`;
    const entry = this.#seen.get(key) ?? { count: 0, slot, parts: new Set<string>(), places: [] };
    this.#seen.set(key, entry);
    entry.count++;
    entry.parts.add(part);
    if (entry.places.length < mostPlaces) entry.places.push(place);
  }

  /** @param acrossParts only such as are in more than one part */
  repeated(acrossParts: boolean): RepeatedContents {
    const all = [...this.#seen.values()].filter(({ count, parts }) => (acrossParts ? parts.size > 1 : count > 1));
    const first = all
      .sort((a, b) => b.count - a.count)
      .slice(0, mostTold)
      .map(({ parts, ...own }) => ({ ...own, parts: [...parts] }));
    return { count: all.reduce((sum, { count }) => sum + count - 1, 0), first };
  }
}
