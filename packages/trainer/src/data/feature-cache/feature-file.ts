import { createHash } from 'node:crypto';
import {
  type Features,
  type HostData,
  type HostTensor,
  isRecord,
  mapRecord,
  type PreparedSample,
} from '@polymodal/core';
import { type ArrayName, aligned, arrayName, arrays } from '../array-layout';
import { floatsOf, indexFloats } from './indexed-floats';

/** By this a file of the cache is known. */
const magic = Buffer.from('POLYMODAL FEATURES 1\n');
const digestBytes = 32;
const headerLengthBytes = 4;

/** A run of numbers behind the header. */
interface Stored {
  readonly type: ArrayName;
  readonly offset: number;
  readonly length: number;
}

interface StoredTensor extends Pick<HostTensor, 'shape' | 'dtype'> {
  readonly data: Stored;
  /** Of floats that are kept as indices: the values that these mean. */
  readonly values?: Stored;
  readonly period?: number;
}

type StoredGroup = Readonly<Record<string, Readonly<Record<string, StoredTensor>>>>;

/** A prepared sample as a file: what it is, a checksum of all that follows, the layout in JSON, and the numbers, floats as bytes where these suffice. */
export function encodeFeatures({ features, targets }: PreparedSample): Uint8Array {
  const pieces: HostData[] = [];
  let size = 0;
  const put = (data: HostData): Stored => {
    const stored = { type: arrayName(data), offset: size, length: data.length };
    pieces.push(data);
    size += aligned(data.byteLength);
    return stored;
  };
  const tensor = ({ data, shape, dtype }: HostTensor): StoredTensor => {
    const indexed = data instanceof Float32Array ? indexFloats(data, shape.at(-1) ?? 1) : undefined;
    const stored = indexed
      ? { data: put(indexed.indices), values: put(indexed.values), period: indexed.period }
      : { data: put(data) };
    return { shape, ...(dtype && { dtype }), ...stored };
  };
  const group = (own: PreparedSample['features']) => mapRecord(own, (one) => mapRecord(one, tensor));
  const header = Buffer.from(JSON.stringify({ features: group(features), targets: group(targets) }));
  const begin = bodyStart(header.length);
  const file = Buffer.alloc(begin + size);
  magic.copy(file);
  file.writeUInt32LE(header.length, magic.length + digestBytes);
  header.copy(file, magic.length + digestBytes + headerLengthBytes);
  let at = begin;
  for (const { buffer, byteOffset, byteLength } of pieces) {
    file.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += aligned(byteLength);
  }
  checksum(file).copy(file, magic.length);
  return file;
}

/** The sample that {@link encodeFeatures} made a file of; `undefined` for a file that is cut, damaged or none of it. */
export function decodeFeatures(content: Uint8Array): PreparedSample | undefined {
  const file = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  if (!isFeatureFile(file) || file.length < bodyStart(0)) return undefined;
  if (!checksum(file).equals(file.subarray(magic.length, magic.length + digestBytes))) return undefined;
  const headerStart = magic.length + digestBytes + headerLengthBytes;
  const headerLength = file.readUInt32LE(magic.length + digestBytes);
  const header: unknown = JSON.parse(file.toString('utf8', headerStart, headerStart + headerLength));
  if (!isRecord(header)) return undefined;
  const body = new Uint8Array(file.subarray(bodyStart(headerLength))).buffer; // begins where arrays may begin
  const read = ({ type, offset, length }: Stored) => new arrays[type](body, offset, length);
  const tensor = ({ data, values, period, ...rest }: StoredTensor): HostTensor => {
    if (!values) return { ...rest, data: read(data) };
    const indexed = { period: period!, values: read(values) as Float32Array, indices: read(data) as Uint8Array };
    return { ...rest, data: floatsOf(indexed) };
  };
  const group = (own: StoredGroup) => mapRecord(own, (one): Features => mapRecord(one, tensor));
  return { features: group(header.features as StoredGroup), targets: group(header.targets as StoredGroup) };
}

/** Whether a file, of which the beginning is enough, is one of the cache. */
export function isFeatureFile(beginning: Uint8Array): boolean {
  return magic.equals(beginning.subarray(0, magic.length));
}

/** Bytes that {@link isFeatureFile} looks at. */
export const beginningBytes = magic.length;

/** Of all that stands behind it. */
function checksum(file: Buffer): Buffer {
  return createHash('sha256')
    .update(file.subarray(magic.length + digestBytes))
    .digest();
}

function bodyStart(headerLength: number): number {
  return aligned(magic.length + digestBytes + headerLengthBytes + headerLength);
}
