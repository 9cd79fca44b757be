import type { Token } from '../text-parts';

/** What makes tokens of words. */
export interface Model {
  readonly vocabulary: Vocabulary;
  /**
   * Tokens of a word; where more of it may follow (`isWhole` is false), those that are certain.
   *
   * @throws SampleError for what it has no token for, not even an unknown one
   */
  tokenize(word: string, isWhole: boolean): readonly Token[];
}

/** Tokens and their ids. */
export class Vocabulary {
  readonly ids: ReadonlyMap<string, number>;
  #tokens: Map<number, string> | undefined;

  constructor(entries: Iterable<readonly [string, number]>) {
    this.ids = new Map(entries);
  }

  get size(): number {
    return this.ids.size;
  }

  /** Of several tokens with one id, the last. */
  tokenOf(id: number): string | undefined {
    this.#tokens ??= new Map(Array.from(this.ids, ([token, each]) => [each, token]));
    return this.#tokens.get(id);
  }
}
