import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { mutants } from './index';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

describe('The faults that are seeded', () => {
  it('have a name of their own each', () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
  });

  it('have a place each that stands once in its file', () => {
    const files = new Map(
      [...new Set(mutants.map(({ file }) => file))].map((file) => [file, readFileSync(root + file, 'utf8')]),
    );
    const misplaced = mutants.filter(({ file, find }) => files.get(file)!.split(find).length !== 2);
    expect(misplaced.map(({ name, file }) => `${file}: ${name}`)).toEqual([]);
  });
});
