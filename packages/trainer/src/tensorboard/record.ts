import { crc32c } from './crc32c';

/** A length of 64 bits and its checksum before the data, the checksum of the data behind them. */
const [headerBytes, footerBytes] = [12, 4];

/** Data as a record of TensorFlow's record files: framed by its length and by masked checksums, little-endian. */
export function frameRecord(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(headerBytes + data.length + footerBytes);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedChecksum(record.subarray(0, 8)), true);
  record.set(data, headerBytes);
  view.setUint32(headerBytes + data.length, maskedChecksum(data), true);
  return record;
}

/** How many of the first bytes are records that are whole. */
export function wholeRecords(content: Uint8Array): number {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  let end = 0;
  while (end + headerBytes <= content.length) {
    if (view.getUint32(end + 8, true) !== maskedChecksum(content.subarray(end, end + 8))) break;
    const data = end + headerBytes;
    const next = data + Number(view.getBigUint64(end, true));
    if (next + footerBytes > content.length) break;
    if (view.getUint32(next, true) !== maskedChecksum(content.subarray(data, next))) break;
    end = next + footerBytes;
  }
  return end;
}

/** Masked, so that the checksum of data which hold checksums says something. */
function maskedChecksum(bytes: Uint8Array): number {
  const checksum = crc32c(bytes);
  return (((checksum >>> 15) | (checksum << 17)) + 0xa282ead8) >>> 0;
}
