import { existsSync } from 'node:fs';
import { ConfigError, StorageError } from '@polymodal/core';
import { readRegularFile } from '@polymodal/core/files';
import type { HeldFolder } from '@polymodal/core/node';
import { changedSample } from '../data/changed-sample';
import { type DataFingerprint, type Fingerprint, linesChecksum } from '../data/data-fingerprint';

/** Lines of {@link DataFingerprint}: 65,536 of some hundred letters. */
const longestFile = 2 ** 30;

const hint =
  'Use the same data to go on with it, another directory for another run, or resume: false to replace it. What the data set ' +
  'and augment give must be the same every time.';

/** The file of a source in a run's folder, or of the samples that it is evaluated with. */
export function dataFile(name: string): string {
  return name === 'data' || name === 'evaluate' ? `${name}.jsonl` : `data.${name}.jsonl`;
}

/**
 * What a run knows of a source of its data: in `data.jsonl`, `data.<name>.jsonl` or `evaluate.jsonl` a line for each sample, so
 * that it can say what has changed.
 */
export class RunData {
  readonly #folder: HeldFolder;
  readonly #name: string;

  constructor(folder: HeldFolder, name: string) {
    this.#folder = folder;
    this.#name = name;
  }

  async write(fingerprint: DataFingerprint | undefined): Promise<void> {
    if (fingerprint) await this.#folder.replaceFile(this.#file, fingerprint.lines.map((line) => `${line}\n`).join(''));
  }

  /**
   * Makes sure that data are those of the run, and puts the file back if it is gone.
   *
   * @param saved what the run's config says of them
   * @throws ConfigError naming what differs
   */
  async requireSame(saved: Fingerprint | undefined, now: DataFingerprint | undefined): Promise<void> {
    if (saved?.samples !== now?.fingerprint.samples) {
      const [was, is] = [saved, now?.fingerprint].map((own) => (own ? String(own.samples) : 'none'));
      throw this.#differs(`${this.#name}.samples`, was, is);
    }
    if (!saved || !now) return;
    const lines = await this.#read(saved);
    if (saved.sha256 === now.fingerprint.sha256) {
      if (!lines) await this.write(now);
      return;
    }
    const change = lines && changedSample(lines, now.lines, saved.samplesPerLine);
    if (change) throw this.#differs(`${this.#name}, ${change.where}`, change.was, change.is);
    throw this.#differs(this.#name, `data with the checksum ${saved.sha256}`, now.fingerprint.sha256);
  }

  /**
   * Makes sure that a file in the place of this one is what a run wrote, before it is removed or replaced.
   *
   * @param saved what the run's config says of these data; none where it had none of this name
   * @throws ConfigError
   */
  async requireOwn(saved: Fingerprint | undefined): Promise<void> {
    const path = this.#folder.path(this.#file);
    if (!existsSync(path) || (saved && (await this.#read(saved)))) return;
    throw new ConfigError({
      where: path,
      expected: 'no file, or the lines that the run wrote of its data',
      received: 'another file',
      hint: 'Move the file, or name another place.',
    });
  }

  /** The lines, if they still are what the run wrote. */
  async #read({ sha256 }: Fingerprint): Promise<string[] | undefined> {
    try {
      const content = await readRegularFile(this.#folder.path(this.#file), { maxBytes: longestFile });
      const lines = new TextDecoder().decode(content).split('\n').slice(0, -1);
      return linesChecksum(lines) === sha256 ? lines : undefined;
    } catch (error) {
      if (error instanceof StorageError && error.systemCode === 'ENOENT') return undefined;
      throw error;
    }
  }

  get #file(): string {
    return dataFile(this.#name);
  }

  #differs(where: string, was: string, is: string): ConfigError {
    return new ConfigError({
      where,
      expected: `${was}, as in the run in ${this.#folder.directory}`,
      received: is,
      hint,
    });
  }
}
