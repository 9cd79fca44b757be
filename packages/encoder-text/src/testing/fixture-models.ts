import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GenerationOptions } from '@polymodal/generation';
import { loadPretrained } from '@polymodal/hub';
import { causalLanguageModels } from '../families/causal-language-models';

/** For tests: prompts, and what Python continued them with. */
export interface GenerationCase {
  readonly prompts: number[][];
  readonly options: GenerationOptions;
  readonly continuations: number[][];
  /** Before and after the processors: of each step and row. */
  readonly logits?: (number | null)[][][];
  readonly scores?: (number | null)[][][];
}

const fixtures = fileURLToPath(new URL('../../fixtures/generation', import.meta.url));

/** For tests: the folders of tiny language models that tools/parity/generation.py made. */
export const modelFolders = readdirSync(fixtures, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** For tests: one of them. */
export const loadFixture = (name: string) => loadPretrained(causalLanguageModels, join(fixtures, name));

/** For tests: what Python generated with it. */
export const casesOf = (name: string) => readFixture<GenerationCase[]>(join(name, 'generation.json'));

/** For tests: a JSON file among the fixtures. */
export function readFixture<T>(path: string): T {
  return JSON.parse(readFileSync(join(fixtures, path), 'utf8'));
}

/** For tests: logits as JSON has them, where −∞ is null. */
export function logitsOf(row: readonly (number | null)[]): Float32Array {
  return Float32Array.from(row, (value) => value ?? Number.NEGATIVE_INFINITY);
}
