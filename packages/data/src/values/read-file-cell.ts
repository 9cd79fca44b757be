import { describeValue, SampleError } from '@polymodal/core';
import { findFile } from './find-file';
import { isAddress, mediaOfName } from './media-type';

/** How cells that name files are read. */
export interface ReadFileCellOptions {
  /** Where relative paths start. */
  readonly root: string;
  /** Whether addresses can be fetched. */
  readonly mayFetch: boolean;
}

/** Bytes of one value. */
const mostBytes = 2 ** 30;

/**
 * The absolute path of a file, or its bytes. An address stays what it is until the sample is asked for.
 *
 * @throws SampleError for a cell that names no file
 */
export async function readFileCell(cell: unknown, options: ReadFileCellOptions): Promise<unknown> {
  if (cell instanceof Uint8Array) return bounded(cell);
  if (typeof cell === 'string') {
    const name = cell.trim();
    if (/^data:/i.test(name)) return bytesOfDataUrl(name);
    if (!isAddress(name)) return findFile(name, options.root);
    if (options.mayFetch) return name;
    throw fault(
      'a file',
      `the address of one (${new URL(name).host})`,
      'Give a function that fetches it: { fetch: (url) => path or bytes }.',
    );
  }
  const { bytes, path } = (cell ?? {}) as { bytes?: unknown; path?: unknown };
  if (bytes instanceof Uint8Array) return bounded(bytes);
  if (typeof path === 'string' && (bytes === null || bytes === undefined)) return readFileCell(path, options);
  throw fault('the path of a file, or its bytes', describeValue(cell));
}

function bounded(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) throw fault('the content of a file', 'no bytes');
  if (bytes.length <= mostBytes) return bytes;
  throw fault(`at most ${mostBytes} bytes`, String(bytes.length));
}

function bytesOfDataUrl(url: string): Uint8Array {
  const [, base64, content] = /^data:[^,]*?(;base64)?,(.*)$/is.exec(url) ?? [];
  if (base64 !== undefined && /^[A-Za-z0-9+/_-]+=*\s*$/.test(content))
    return bounded(new Uint8Array(Buffer.from(content, 'base64')));
  throw fault('a data: address with bytes in base64', describeValue(url));
}

/** Whether a cell can be nothing but a file: bytes, or the name of a picture or sound. */
export function namesFile(cell: unknown): boolean {
  if (Array.isArray(cell)) return cell.length > 0 && cell.every(namesFile);
  if (typeof cell === 'string') return mediaOfName(cell) !== undefined && !/[\n\r]/.test(cell);
  if (cell instanceof Uint8Array) return true;
  const { bytes, path } = (cell ?? {}) as { bytes?: unknown; path?: unknown };
  return bytes instanceof Uint8Array || (typeof path === 'string' && 'bytes' in (cell as object));
}

function fault(expected: string, received: string, hint?: string): SampleError {
  return new SampleError({ expected, received, ...(hint !== undefined && { hint }) });
}
