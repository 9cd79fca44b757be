import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../testing/test-files';
import { checkFile } from './check-file';
import { checkFolder } from './check-folder';
import { drawDraft, renderDraft } from './draft';
import { mutate } from './mutate';
import { Random } from './random';

describe('a safetensors file', () => {
  it('is read as the plainest reader reads it, whatever its names, types and shapes', async () => {
    for (let seed = 0; seed < 300; seed++) {
      expect(await checkFile(renderDraft(drawDraft(new Random(seed)))), `seed ${seed}`).toBe('accepted');
    }
  });

  it('is read right or refused with a typed error, whatever happened to it', async () => {
    const verdicts = { accepted: 0, refused: 0, 'refused though valid': 0 };
    for (let seed = 0; seed < 3000; seed++) {
      const random = new Random(seed);
      const file = mutate(random, drawDraft(random));
      try {
        verdicts[await checkFile(file)]++;
      } catch (error) {
        expect.fail(`seed ${seed}: ${error}\n${Buffer.from(file).toString('latin1')}`);
      }
    }
    expect(verdicts.accepted).toBeGreaterThan(300);
    expect(verdicts.refused).toBeGreaterThan(1200);
    expect(verdicts['refused though valid']).toBeLessThan(30);
  });
});

describe('a sharded folder', () => {
  it('is read right or refused with a typed error, whatever happened to its index and shards', async () => {
    const folder = join(temporaryFolder(), 'folder');
    const verdicts = { accepted: 0, refused: 0, 'refused though valid': 0 };
    for (let seed = 0; seed < 60; seed++) verdicts[await checkFolder(new Random(seed), folder)]++;
    expect(verdicts.accepted).toBeGreaterThan(8);
    expect(verdicts.refused).toBeGreaterThan(20);
    expect(verdicts['refused though valid']).toBeLessThan(3);
  });
});
