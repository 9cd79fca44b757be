import { ConfigError, SampleError, suggestNames } from '@polymodal/core';
import { z } from 'zod';
import type { Tokenizer } from './tokenizer';
import { type Surroundings, surroundings } from './written-place';

/** What a slot of texts may say of documents, in which values of other slots stand between texts. */
export const documentOptions = {
  /**
   * The token that stands at the places of each other slot, `{ image: '<image>' }`: one that was added to the tokenizer. A text in which
   * it is written is refused, since it would be bound to nothing. By default the id 0 stands at all places.
   */
  placeholder: z.record(z.string(), z.string().min(1)).optional(),
  /** What is written around the values of each other slot, as a model was taught to read it; nothing by default. */
  around: z.record(z.string(), surroundings).optional(),
  /**
   * What becomes of a document so long that places would be cut off: it is refused by default; with `'cut'`, their values are dropped
   * with them. What is cut off texts alone is as with any text.
   */
  longDocuments: z.enum(['refuse', 'cut']).optional(),
  /**
   * How conversations are written, in Jinja, as Python's `apply_chat_template` reads it. Pretrained models have their own; of others none
   * has one by default.
   */
  chatTemplate: z.string().min(1).optional(),
};

/** {@link documentOptions}, parsed. */
export interface DocumentOptions {
  readonly placeholder?: Readonly<Record<string, string>> | undefined;
  readonly around?: Readonly<Record<string, Surroundings>> | undefined;
  readonly longDocuments?: 'refuse' | 'cut' | undefined;
  readonly chatTemplate?: string | undefined;
}

/** The tokens that stand at places, by slot. */
export class Placeholders {
  readonly #tokens: Readonly<Record<string, string>>;
  readonly #ids: ReadonlyMap<number, string>;

  /** @throws ConfigError for a token that the tokenizer does not have for such uses */
  constructor(tokens: DocumentOptions['placeholder'], tokenizer: Tokenizer) {
    this.#tokens = tokens ?? {};
    this.#ids = new Map(Object.values(this.#tokens).map((token) => [tokenizer.placeholderId(token), token]));
  }

  get ids(): readonly number[] {
    return [...this.#ids.keys()];
  }

  /** That of a slot, if it has one. */
  named(slot: string): string | undefined {
    return this.#tokens[slot];
  }

  /** @throws ConfigError for a slot without one, where others have one: its name may be misspelt in the config */
  of(slot: string): string | undefined {
    const slots = Object.keys(this.#tokens);
    if (slots.length === 0 || slots.includes(slot)) return this.#tokens[slot];
    throw new ConfigError({
      where: `placeholder.${slot}`,
      expected: 'a token for each slot that documents have values of',
      received: `some for ${slots.join(', ')}`,
      hint: suggestNames(slot, slots),
    });
  }

  /** @throws SampleError for one that stands among ids at no place */
  requireNone(ids: Int32Array, places?: Int32Array): void {
    if (this.#ids.size === 0) return;
    const id = ids.find((each, index) => this.#ids.has(each) && (places?.[index] ?? -1) < 0);
    if (id === undefined) return;
    const token = this.#ids.get(id)!;
    const slot = Object.keys(this.#tokens).find((name) => this.#tokens[name] === token)!;
    throw new SampleError({
      expected: `texts without ${JSON.stringify(token)}, which stands for a value of "${slot}"`,
      received: 'one with it, to which no value is bound',
      hint: `Write a document, whose parts say which values stand where: [{ ${slot}: … }, …].`,
    });
  }
}
