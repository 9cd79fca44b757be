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

/**
 * A prepared sample as bytes: a checksum of its key and of all that follows, the layout in JSON, and the numbers, floats as bytes where these
 * suffice.
 */
export function encodeFeatures({ features, targets }: PreparedSample, key: string): Uint8Array {
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
  const record = Buffer.alloc(begin + size);
  record.writeUInt32LE(header.length, digestBytes);
  header.copy(record, digestBytes + headerLengthBytes);
  let at = begin;
  for (const { buffer, byteOffset, byteLength } of pieces) {
    record.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += aligned(byteLength);
  }
  checksum(record, key).copy(record);
  return record;
}

/**
 * The sample that {@link encodeFeatures} made bytes of; `undefined` for what is cut, damaged, or of another key.
 *
 * @param isChecked whether the same bytes were found to be whole before
 */
export function decodeFeatures(record: Buffer, key: string, isChecked = false): PreparedSample | undefined {
  if (record.length < bodyStart(0)) return undefined;
  if (!isChecked && !checksum(record, key).equals(record.subarray(0, digestBytes))) return undefined;
  const headerStart = digestBytes + headerLengthBytes;
  const headerLength = record.readUInt32LE(digestBytes);
  const header: unknown = JSON.parse(record.toString('utf8', headerStart, headerStart + headerLength));
  if (!isRecord(header)) return undefined;
  const body = new Uint8Array(record.subarray(bodyStart(headerLength))).buffer; // begins where arrays may begin
  const read = ({ type, offset, length }: Stored) => new arrays[type](body, offset, length);
  const tensor = ({ data, values, period, ...rest }: StoredTensor): HostTensor => {
    if (!values) return { ...rest, data: read(data) };
    const indexed = { period: period!, values: read(values) as Float32Array, indices: read(data) as Uint8Array };
    return { ...rest, data: floatsOf(indexed) };
  };
  const group = (own: StoredGroup) => mapRecord(own, (one): Features => mapRecord(one, tensor));
  return { features: group(header.features as StoredGroup), targets: group(header.targets as StoredGroup) };
}

/** Of the key, and of all that stands behind the checksum. */
function checksum(record: Buffer, key: string): Buffer {
  return createHash('sha256').update(key).update(record.subarray(digestBytes)).digest();
}

function bodyStart(headerLength: number): number {
  return aligned(digestBytes + headerLengthBytes + headerLength);
}
