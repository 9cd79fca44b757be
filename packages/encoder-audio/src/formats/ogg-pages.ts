import { SampleError } from '@polymodal/core';

/**
 * Holds every page of an Ogg file against its checksum (RFC 3533, section 6): decoders make noise of damaged packets. A page that
 * is cut short at the end of the file is left out, as are bytes that are no page.
 *
 * @throws SampleError for a page that was changed
 */
export function checkOggPages(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0, page = 1; at + headerLength <= bytes.length; page++) {
    if (view.getUint32(at) !== capturePattern) return;
    const body = at + headerLength + bytes[at + 26];
    let end = body;
    for (let segment = at + headerLength; segment < Math.min(body, bytes.length); segment++) end += bytes[segment];
    if (end > bytes.length) return;
    if (checksum(bytes, at, end) !== view.getUint32(at + checksumAt, true)) {
      throw new SampleError({
        expected: 'an OGG file whose pages fit their checksums',
        received: `one whose page ${page}, at byte ${at}, does not`,
        hint: 'The file is damaged: fetch or copy it again.',
      });
    }
    at = end;
  }
}

const capturePattern = 0x4f676753; // "OggS"
const headerLength = 27;
const checksumAt = 22;

/** The CRC of polynomial 0x04c11db7, with zeros where it stands itself. */
function checksum(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0;
  for (let at = start; at < end; at++) {
    const byte = at >= start + checksumAt && at < start + checksumAt + 4 ? 0 : bytes[at];
    crc = (crc << 8) ^ table[(crc >>> 24) ^ byte];
  }
  return crc >>> 0;
}

const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc;
});
