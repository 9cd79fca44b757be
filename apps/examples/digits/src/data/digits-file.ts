import { FileFormatError } from '@polymodal/core';
import { splits } from '@polymodal/example-material';
import { PackedSamples, type SampleEntry } from './packed-samples';

/** The data as they lie in the cache. */
export type PackedDigits = Readonly<Record<(typeof splits)[number], PackedSamples>>;

interface SplitHeader {
  readonly entries: readonly SampleEntry[];
  readonly imageBytes: number;
  readonly waveBytes: number;
}

/** As bytes: length of a JSON header, the header with everything small, then pictures and sounds of each split. */
export function encodeDigits(data: PackedDigits): Uint8Array[] {
  const header = splits.map((split): SplitHeader => {
    const { entries, images, waves } = data[split];
    return { entries, imageBytes: images.byteLength, waveBytes: waves.byteLength };
  });
  const json = new TextEncoder().encode(JSON.stringify(header));
  const parts = splits.flatMap((split) => [data[split].images, bytesOf(data[split].waves)]);
  return [bytesOf(Uint32Array.of(json.length)), json, ...parts];
}

/** Reads what {@link encodeDigits} wrote. @throws FileFormatError when the sizes do not fit together */
export function decodeDigits(bytes: Uint8Array, where: string): PackedDigits {
  let at = 0;
  const take = (length: number): Uint8Array<ArrayBuffer> => {
    if (at + length > bytes.length) {
      throw new FileFormatError({ where, expected: `at least ${at + length} bytes`, received: String(bytes.length) });
    }
    at += length;
    return new Uint8Array(bytes.subarray(at - length, at)); // a copy, so that it is aligned
  };
  const [headerLength] = new Uint32Array(take(4).buffer);
  const header: SplitHeader[] = JSON.parse(new TextDecoder().decode(take(headerLength)));
  const [train, validation, test] = header.map(
    ({ entries, imageBytes, waveBytes }) =>
      new PackedSamples(entries, take(imageBytes), new Int16Array(take(waveBytes).buffer)),
  );
  return { train, validation, test };
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
