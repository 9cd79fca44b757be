import { randomUUID } from 'node:crypto';

/** A name beside `path` that no other writer has. */
export function temporaryPath(path: string): string {
  return `${path}.${randomUUID()}.tmp`;
}
