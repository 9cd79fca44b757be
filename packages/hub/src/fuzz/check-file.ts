import { FileFormatError } from '@polymodal/core';
import type { ByteSource } from '../checkpoint/byte-source';
import type { Checkpoint } from '../checkpoint/checkpoint';
import { openSafetensors } from '../checkpoint/open-safetensors-file';
import { type NaiveTensor, readNaively } from './naive-validator';

/** How the hub took a file. */
export type Verdict = 'accepted' | 'refused' | 'refused though valid';

/**
 * Opens and reads a file from memory and holds the outcome against the naive validator.
 *
 * @throws Error for anything but the right tensors or a FileFormatError
 */
export async function checkFile(file: Uint8Array<ArrayBuffer>): Promise<Verdict> {
  const source = new WatchedBytes(file);
  const verdict = await checkOpened(file, () => openSafetensors(source, file.length, 'fuzz'));
  if (!source.isClosed) throw new Error('the source was left open');
  return verdict;
}

/** The same for whatever way to open it. */
export async function checkOpened(file: Uint8Array, open: () => Promise<Checkpoint>): Promise<Verdict> {
  const expected = readNaively(file);
  let checkpoint: Checkpoint;
  try {
    checkpoint = await open();
  } catch (error) {
    requireFormatError(error);
    return typeof expected === 'string' ? 'refused' : 'refused though valid';
  }
  try {
    if (typeof expected === 'string') throw new Error(`accepted a file with ${expected}`);
    if (`${[...expected.keys()].sort()}` !== `${[...checkpoint.names].sort()}`) throw new Error('other names');
    for (const [name, tensor] of expected) await checkTensor(checkpoint, name, tensor);
  } finally {
    await checkpoint.close();
  }
  return 'accepted';
}

async function checkTensor(checkpoint: Checkpoint, name: string, expected: NaiveTensor): Promise<void> {
  const { dtype, shape } = checkpoint.info(name);
  if (dtype !== expected.dtype || `${shape}` !== `${expected.shape}`)
    throw new Error(`another type or shape of ${name}`);
  const read = await checkpoint.read(name).catch(requireFormatError);
  const { values } = expected;
  const isHeld = values?.every((value) => fits(dtype, value)) ?? false;
  if ((read !== undefined) !== isHeld) throw new Error(`${isHeld ? 'refused' : 'accepted'} the values of ${name}`);
  if (!read) return;
  if (`${read.shape}` !== `${shape}` || read.data.length !== values!.length) throw new Error(`another size of ${name}`);
  const wrong = values!.findIndex((value, index) => !Object.is(read.data[index], Number(value)));
  if (wrong >= 0) throw new Error(`${name}, ${wrong}: ${read.data[wrong]} for ${values![wrong]}`);
}

/** Whether the type that a tensor is read as holds a value. */
function fits(dtype: string, value: number | bigint): boolean {
  if (dtype === 'BOOL') return value <= 1;
  return !['I64', 'U64', 'U32'].includes(dtype) || (value >= -(2 ** 31) && value < 2 ** 31);
}

function requireFormatError(error: unknown): undefined {
  if (!(error instanceof FileFormatError)) throw new Error('another error than FileFormatError', { cause: error });
  if (error.message.length > 2000) throw new Error(`a message of ${error.message.length} characters`);
  return undefined;
}

/** Bytes in memory, of which nothing beyond the end may be asked for. */
class WatchedBytes implements ByteSource {
  isClosed = false;

  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  async read(target: Uint8Array, offset: number, length: number, position: number) {
    if (this.isClosed) throw new Error('read after close');
    if (position < 0 || position + length > this.#bytes.length || offset + length > target.length) {
      throw new Error(`read ${length} bytes at ${position} of ${this.#bytes.length}`);
    }
    target.set(this.#bytes.subarray(position, position + length), offset);
    return { bytesRead: length };
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}
