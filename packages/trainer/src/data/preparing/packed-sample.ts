import { type Features, type HostTensor, mapRecord, type PreparedSample } from '@polymodal/core';
import { type ArrayName, aligned, arrayName, arrays } from '../array-layout';

/** A prepared sample whose numbers lie in one piece of memory, which is handed from thread to thread without a copy. */
export interface PackedSample {
  readonly memory: ArrayBuffer;
  readonly features: Readonly<Record<string, PackedFeatures>>;
  readonly targets: Readonly<Record<string, PackedFeatures>>;
}

type PackedFeatures = Readonly<Record<string, PackedTensor>>;

interface PackedTensor extends Omit<HostTensor, 'data'> {
  readonly type: ArrayName;
  /** Where in the memory it begins, in bytes, and how many numbers it has. */
  readonly offset: number;
  readonly length: number;
}

/**
 * Copies what a sample consists of into memory of its own. What a processor gives may be part of something larger, or something that it
 * keeps: the memory of that cannot be handed over.
 */
export function packSample({ features, targets }: PreparedSample): PackedSample {
  const groups = [...Object.values(features), ...Object.values(targets)];
  const tensors = groups.flatMap((own) => Object.values(own));
  const size = tensors.reduce((sum, { data }) => sum + aligned(data.byteLength), 0);
  const memory = new ArrayBuffer(size);
  let offset = 0;
  const packTensor = ({ data, ...rest }: HostTensor): PackedTensor => {
    new Uint8Array(memory, offset).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    const packed = { ...rest, type: arrayName(data), offset, length: data.length };
    offset += aligned(data.byteLength);
    return packed;
  };
  const pack = (group: PreparedSample['features']) => mapRecord(group, (own) => mapRecord(own, packTensor));
  return { memory, features: pack(features), targets: pack(targets) };
}

/** The sample that was packed. Its arrays lie in the memory as it is. */
export function unpackSample({ memory, features, targets }: PackedSample): PreparedSample {
  const unpackTensor = ({ type, offset, length, ...rest }: PackedTensor): HostTensor => {
    return { ...rest, data: new arrays[type](memory, offset, length) };
  };
  const unpack = (group: PackedSample['features']) => mapRecord(group, (own): Features => mapRecord(own, unpackTensor));
  return { features: unpack(features), targets: unpack(targets) };
}
