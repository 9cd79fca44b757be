import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** Files whose checksums are remembered: about 30 MB of memory. */
const mostRemembered = 100_000;

/** Checksums of the contents of files, each of which is read again only if it was changed. */
export class FileChecksums {
  readonly #known = new Map<string, { readonly version: string; readonly sha256: string }>();

  /** That of a file; `undefined` where there is none at a path. What cannot be read has that of what could. */
  async of(path: string): Promise<string | undefined> {
    const stats = await stat(path, { bigint: true }).catch(() => undefined);
    if (!stats?.isFile()) return undefined;
    const version = [stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join();
    const known = this.#known.get(path);
    if (known?.version === version) return known.sha256;
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash).catch(() => undefined); // whoever prepares the sample says why it cannot be read
    const sha256 = hash.digest('hex');
    if (known || this.#known.size < mostRemembered) this.#known.set(path, { version, sha256 });
    return sha256;
  }
}
