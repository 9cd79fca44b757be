import { closeSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { basename } from 'node:path';
import { ExportFileError } from '../errors';

/** Who made a file, as it says itself. */
export const producer = { name: '@polymodal/backend-onnx', version: '1' };

/** What stands at the path of an export. */
interface FormerExport {
  /** The file beside it with its weights. */
  readonly dataFile: string | undefined;
}

/** Models whose weights are in a file of their own are shorter. */
const longestSearched = 1 << 26;

/**
 * The model that was exported to a path before, if there is one.
 *
 * @throws ExportFileError if there is something that was not exported here
 */
export function formerExport(path: string): FormerExport | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return undefined;
  const content = stats.isFile() ? read(path, stats) : '';
  if (!content.slice(0, 64).includes(producer.name)) {
    throw new ExportFileError(`The model cannot be written to ${path}.`, {
      expected: 'a path where there is nothing, or a model that exportOnnx wrote',
      received: stats.isFile() ? 'a file of another' : 'something that is no file',
      hint: 'Move it away, or name another path.',
    });
  }
  const name = basename(path).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return { dataFile: new RegExp(`${name}\\.[0-9a-f]{16}\\.data`).exec(content)?.[0] };
}

function read(path: string, { size }: Stats): string {
  const bytes = Buffer.alloc(size <= longestSearched ? size : 64);
  const file = openSync(path, 'r');
  try {
    return bytes.toString('utf8', 0, readSync(file, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(file);
  }
}
