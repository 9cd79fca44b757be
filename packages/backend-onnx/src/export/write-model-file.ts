import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ExportFileError } from '../errors';
import { type ConstantDefinition, type GraphDefinition, writeModel } from '../onnx/model-writer';
import { rawBytes } from '../onnx/raw-bytes';
import { formerExport, producer } from './former-export';
import { removeLeftovers, temporaryPath } from './temporary-path';

/** A protobuf message cannot be longer; some room is left for what is not weights. */
const maxModelBytes = 2 ** 31 - 2 ** 24;
/** Constants up to this size stay in the model in any case. */
const maxInlineBytes = 1024;
/** Offsets at which the weights start: pages of memory mapping, also on Windows. */
const alignment = 2 ** 16;

/**
 * Writes a graph to a file, under another name first, so that the path never holds half a model. Only a model that was
 * written here is replaced, and only what a process left that was killed while it wrote to this path is removed. Weights beyond the threshold go to a file of their own beside it, whose name no other export has,
 * be it one to the same path at the same time: each model keeps its own until it is replaced.
 *
 * It writes synchronously, so that what is written is what it was at the call.
 *
 * @returns path of the file with the weights, or null
 * @throws ExportFileError if the file system does not take the file, or another's has its name
 */
export function writeModelFile(graph: GraphDefinition, path: string, threshold: number = maxModelBytes): string | null {
  try {
    const former = formerExport(path);
    removeLeftovers(path);
    const dataPath = writeFiles(graph, path, threshold);
    const outdated = former?.dataFile !== undefined && join(dirname(path), former.dataFile);
    if (outdated && outdated !== dataPath) rmSync(outdated, { force: true });
    return dataPath;
  } catch (cause) {
    const { syscall, message } = cause as NodeJS.ErrnoException;
    if (syscall === undefined) throw cause;
    throw new ExportFileError(`The model cannot be written to ${path}.`, {
      expected: 'a file system that takes the file',
      received: message,
      hint: 'Name a path in a folder that is there, may be written and has room.',
      cause,
    });
  }
}

function writeFiles(graph: GraphDefinition, path: string, threshold: number): string | null {
  const total = graph.constants.reduce((bytes, constant) => bytes + bytesOf(constant).length, 0);
  if (total <= threshold) {
    replaceFiles({ [path]: (file) => writeAll(file, writeModel(graph, producer), 0) });
    return null;
  }
  const location = `${basename(path)}.${randomBytes(8).toString('hex')}.data`;
  const dataPath = join(dirname(path), location);
  let constants: ConstantDefinition[] = [];
  try {
    replaceFiles({
      [dataPath]: (file) => {
        constants = writeWeights(file, graph.constants, location);
      },
      [path]: (file) => writeAll(file, writeModel({ ...graph, constants }, producer), 0),
    });
  } catch (error) {
    rmSync(dataPath, { force: true });
    throw error;
  }
  return dataPath;
}

function writeWeights(file: number, constants: readonly ConstantDefinition[], location: string): ConstantDefinition[] {
  let end = 0;
  const placed: ConstantDefinition[] = [];
  for (const constant of constants) {
    const bytes = bytesOf(constant);
    if (bytes.length <= maxInlineBytes) {
      placed.push(constant);
      continue;
    }
    const offset = Math.ceil(end / alignment) * alignment;
    writeAll(file, bytes, offset);
    placed.push({ ...constant, external: { location, offset, length: bytes.length } });
    end = offset + bytes.length;
  }
  return placed;
}

/** One call writes 2 GB at most. */
function writeAll(file: number, bytes: Uint8Array, offset: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, Math.min(bytes.length - done, 2 ** 30), offset + done);
  }
}

/** Puts files in place when all are written: one that is killed leaves what the next export removes. */
function replaceFiles(files: Readonly<Record<string, (file: number) => void>>): void {
  const staged = Object.entries(files).map(([path, write]) => ({ path, write, temporary: temporaryPath(path) }));
  try {
    for (const { temporary, write } of staged) writeFile(temporary, write);
    for (const { temporary, path } of staged) renameSync(temporary, path);
  } catch (error) {
    for (const { temporary } of staged) rmSync(temporary, { force: true });
    throw error;
  }
}

function writeFile(path: string, write: (file: number) => void): void {
  const file = openSync(path, 'wx');
  try {
    write(file);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function bytesOf({ values, type }: ConstantDefinition): Uint8Array {
  return rawBytes(values, type);
}
