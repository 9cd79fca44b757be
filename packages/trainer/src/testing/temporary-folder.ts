import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A new folder, which is gone after the tests of the file: in memory where there is such a thing, since a disk is slow. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'polymodal-trainer-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
