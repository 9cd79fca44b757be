import {
  FileFormatError,
  headerPrefixLength,
  parseSafetensorsHeader,
  type SafetensorsDtype,
  type SafetensorsHeader,
  StateError,
  safetensorsHeaderLength,
} from '@polymodal/core';
import { openRegularFile } from '@polymodal/core/node';
import type { ByteSource } from './byte-source';
import type { Checkpoint, CheckpointTensor, StoredPlace, TensorInfo } from './checkpoint';

import { readFully } from './read-fully';
import { readTensor } from './read-tensor';
import { unknownTensor } from './unknown-tensor';

/**
 * Opens one safetensors file: reads and checks its header, and leaves the data where they are.
 *
 * @throws FileFormatError for a file that is truncated, malformed or of another format
 * @throws StorageError for a file that is not there or cannot be read
 */
export async function openSafetensorsFile(path: string): Promise<Checkpoint> {
  const { file, length, version } = await openRegularFile(path);
  return openSafetensors(file, length, path, version);
}

/**
 * Opens the safetensors file that a source gives, and closes the source if it is none.
 *
 * @param version of the file that the source reads, if it is the one at `path`
 */
export async function openSafetensors(
  source: ByteSource,
  length: number,
  path: string,
  version?: StoredPlace['version'],
): Promise<Checkpoint> {
  try {
    const start = new Uint8Array(Math.min(headerPrefixLength, length));
    await readFully(source, start, 0, path);
    if (new TextDecoder().decode(start) === 'version ') throw gitLfsPointer(path);
    const headerLength = safetensorsHeaderLength(start, length, path);
    const header = new Uint8Array(headerLength);
    await readFully(source, header, headerPrefixLength, path);
    const dataStart = headerPrefixLength + headerLength;
    const parsed = parseSafetensorsHeader(header, length - dataStart, path);
    return new SafetensorsFile(path, source, dataStart, parsed, version);
  } catch (error) {
    await source.close();
    throw error;
  }
}

class SafetensorsFile implements Checkpoint {
  readonly names: readonly string[];
  #isOpen = true;

  readonly #source: ByteSource;
  readonly #dataStart: number;
  readonly #header: SafetensorsHeader;
  readonly #version: StoredPlace['version'] | undefined;

  constructor(
    readonly path: string,
    source: ByteSource,
    dataStart: number,
    header: SafetensorsHeader,
    version: StoredPlace['version'] | undefined,
  ) {
    this.#source = source;
    this.#dataStart = dataStart;
    this.#header = header;
    this.#version = version;
    this.names = [...header.entries.keys()];
  }

  get metadata(): Readonly<Record<string, string>> {
    return this.#header.metadata;
  }

  has(name: string): boolean {
    return this.#header.entries.has(name);
  }

  info(name: string): TensorInfo {
    const { dtype, shape } = this.#entry(name);
    return { dtype, shape };
  }

  place(name: string): StoredPlace | undefined {
    const { dtype, begin } = this.#entry(name);
    if (!isStorable(dtype) || this.#version === undefined) return undefined;
    return { path: this.path, offset: this.#dataStart + begin, dtype, version: this.#version };
  }

  async read(name: string): Promise<CheckpointTensor> {
    const entry = this.#entry(name);
    if (!this.#isOpen) throw new StateError({ where: this.path, expected: 'an open file', received: 'a closed one' });
    return readTensor(this.#source, this.#dataStart, entry, `${this.path}, tensor "${name}"`);
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#source.close();
  }

  #entry(name: string) {
    const entry = this.#header.entries.get(name);
    if (!entry) throw unknownTensor(this, name);
    return entry;
  }
}

function isStorable(dtype: SafetensorsDtype): dtype is StoredPlace['dtype'] {
  return dtype === 'F32' || dtype === 'F16' || dtype === 'BF16';
}

function gitLfsPointer(path: string): FileFormatError {
  return new FileFormatError({
    where: path,
    expected: 'a safetensors file',
    received: 'the pointer that Git LFS leaves in its place',
    hint: 'Run "git lfs pull" in that folder.',
  });
}
