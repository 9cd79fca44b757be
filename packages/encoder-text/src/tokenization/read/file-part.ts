import { FileFormatError } from '@polymodal/core';
import { z } from 'zod';

/** The JSON of a component, or of a whole tokenizer.json. */
export type Json = Readonly<Record<string, unknown>>;

/** Makes something of a part of a file. @throws FileFormatError naming the part */
export type Read<T> = (part: FilePart) => T;

/** How deep sequences of components may lie in each other. */
const maxDepth = 32;

/** A part of a tokenizer.json, which knows how error messages call it. */
export class FilePart {
  /**
   * @param where how error messages call the file
   * @param name  the way to the part, as in `normalizer.normalizers.0`; empty for the whole
   * @param depth how many sequences it lies in
   */
  constructor(
    readonly value: unknown,
    readonly where: string,
    readonly name = '',
    readonly depth = 0,
  ) {}

  at(key: string): FilePart {
    return this.#inner(this.object()[key], key, this.depth);
  }

  object(): Json {
    return this.parse(z.record(z.string(), z.unknown()));
  }

  parse<T>(schema: z.ZodType<T>): T {
    const result = schema.safeParse(this.value);
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    const at = this.#inner(undefined, issue.path.join('.'), this.depth);
    return at.refuse('what Python’s tokenizers take', issue.message);
  }

  optional<T>(key: string, read: Read<T>): T | undefined {
    const part = this.at(key);
    return part.value === undefined || part.value === null ? undefined : read(part);
  }

  /** What a key lists, each read by the same reader. */
  list<T>(key: string, read: Read<T>): T[] {
    const parts = this.at(key);
    return parts
      .parse(z.array(z.unknown()))
      .map((each, index) => read(parts.#inner(each, String(index), this.depth + 1)));
  }

  /** A component, read by the reader of its type. */
  component<T>(readers: Readonly<Record<string, Read<T>>>): T {
    if (this.depth > maxDepth) this.refuse(`sequences that lie in no more than ${maxDepth} others`, 'more of them');
    const { type } = this.object();
    if (typeof type !== 'string' || !Object.hasOwn(readers, type)) {
      this.refuse(`one of ${Object.keys(readers).join(', ')}`, `type ${JSON.stringify(type)?.slice(0, 200)}`);
    }
    return readers[type](this);
  }

  refuse(expected: string, received: unknown, cause?: unknown): never {
    const given = typeof received === 'string' ? received : (JSON.stringify(received)?.slice(0, 200) ?? 'nothing');
    throw new FileFormatError({
      where: this.where,
      expected: `a tokenizer.json with ${expected} as its ${this.name}`,
      received: `a file that cannot be used (${this.name}: ${given})`,
      hint: 'Save it in Python with tokenizer.save("tokenizer.json"), or take the tokenizer "bytes".',
      cause,
    });
  }

  #inner(value: unknown, key: string, depth: number): FilePart {
    return new FilePart(value, this.where, [this.name, key].filter((each) => each !== '').join('.'), depth);
  }
}
