import { join } from 'node:path';
import { readRegularFile } from '@polymodal/core/files';

/** Its parts: nouns, verbs, adjectives and adverbs. */
const files = ['data.noun', 'data.verb', 'data.adj', 'data.adv'];

const mostBytes = 2 ** 26;

/** The other words of each word's senses. */
export type Synonyms = ReadonlyMap<string, readonly string[]>;

/**
 * What WordNet has of words that mean the same, in small letters, words of several words with spaces; in one order. Reading takes
 * a second, and the dictionary some 30 MB.
 *
 * @param folder with the files of its database
 * @throws StorageError for one without
 */
export async function readWordNet(folder: string): Promise<Synonyms> {
  const found = new Map<string, Set<string>>();
  for (const file of files) {
    const text = new TextDecoder().decode(await readRegularFile(join(folder, file), { maxBytes: mostBytes }));
    for (const line of text.split('\n')) {
      if (line.startsWith(' ') || line === '') continue; // the licence
      const words = wordsOf(line);
      for (const word of words) {
        const others = found.get(word) ?? new Set();
        for (const other of words) if (other !== word) others.add(other);
        found.set(word, others);
      }
    }
  }
  const withSome = [...found].filter(([, others]) => others.size > 0);
  return new Map(withSome.map(([word, others]) => [word, [...others].sort()]));
}

/** Those of a line: offset, file, type, their count in hexadecimal digits, and then each with the number of its sense. */
function wordsOf(line: string): string[] {
  const fields = line.split(' ', 4 + 2 * 64);
  const count = Number.parseInt(fields[3], 16);
  return Array.from({ length: count }, (_, index) =>
    fields[4 + 2 * index]
      .replace(/\(\w+\)$/, '') // where an adjective may stand
      .replaceAll('_', ' ')
      .toLowerCase(),
  );
}
