import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What all contenders do: texts, one after the other, with the tokenizer of a folder. */
export interface TokenizeWorkload {
  readonly model: string;
  readonly texts: readonly string[];
}

/** What a contender did. */
export interface TokenizeResult {
  readonly seconds: number;
  /** Of all texts, special ones included. */
  readonly tokens: number;
  /** Of each text, a number that ids in another order do not have. */
  readonly checksums: readonly number[];
}

const name = 'workload.json';

export function writeWorkload(folder: string, workload: TokenizeWorkload): void {
  writeFileSync(join(folder, name), JSON.stringify(workload));
}

export function readWorkload(folder: string): TokenizeWorkload {
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as TokenizeWorkload;
}

/** Tokenizes all texts so many times. */
export function tokenize(encode: (text: string) => ArrayLike<number>, texts: readonly string[], times: number) {
  const start = performance.now();
  let ids: ArrayLike<number>[] = [];
  for (let time = 0; time < times; time++) ids = texts.map(encode);
  const seconds = (performance.now() - start) / 1000 / times;
  const tokens = ids.reduce((sum, { length }) => sum + length, 0);
  return { seconds, tokens, checksums: ids.map(checksum) };
}

function checksum(ids: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < ids.length; i++) sum = (sum * 31 + ids[i]!) % 1_000_000_007;
  return sum;
}
