const utf8 = new TextEncoder();

/** Bytes that a nested message's length takes: a varint padded to a fixed width, so that nothing is moved afterwards. */
const lengthBytes = 5;

/**
 * Writes the protobuf wire format (varint, 32-bit and length-delimited fields) into one growing buffer.
 *
 * Own code instead of a library because ONNX models use eight message types, all write-only: a library would bring
 * a schema of thousands of generated lines, and its object graph costs more than the bytes.
 */
export class ProtobufWriter {
  #bytes: Uint8Array;
  #length = 0;
  readonly #floatView = new DataView(new ArrayBuffer(4));

  /** @param capacity bytes to reserve; what is written may be more */
  constructor(capacity = 4096) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** An `int32`, `int64` or enum field; negative numbers take ten bytes, as the wire format wants. */
  integer(field: number, value: number | bigint): void {
    this.#varint(field * 8);
    this.#varint(value);
  }

  /** A `float` field. */
  float(field: number, value: number): void {
    this.#varint(field * 8 + 5);
    this.#floatView.setFloat32(0, value, true);
    this.#append(new Uint8Array(this.#floatView.buffer));
  }

  /** A `string` field. */
  string(field: number, value: string): void {
    this.data(field, utf8.encode(value));
  }

  /** A `bytes` field. */
  data(field: number, value: Uint8Array): void {
    this.#varint(field * 8 + 2);
    this.#varint(value.length);
    this.#append(value);
  }

  /** A nested message, written by `write` into this same writer. */
  message(field: number, write: () => void): void {
    this.#varint(field * 8 + 2);
    this.#reserve(lengthBytes);
    const start = this.#length;
    this.#length += lengthBytes;
    write();
    let size = this.#length - start - lengthBytes;
    if (size >= 2 ** (7 * lengthBytes)) throw new RangeError(`a protobuf message of ${size} bytes is too long`);
    for (let i = 0; i < lengthBytes; i++) {
      this.#bytes[start + i] = (size % 128) | (i < lengthBytes - 1 ? 128 : 0);
      size = Math.floor(size / 128);
    }
  }

  /** Everything written so far; the writer is not to be used afterwards. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #varint(value: number | bigint): void {
    this.#reserve(10);
    if (typeof value === 'bigint' || value < 0 || value > Number.MAX_SAFE_INTEGER) {
      let rest = BigInt.asUintN(64, BigInt(value));
      for (; rest > 127n; rest >>= 7n) this.#bytes[this.#length++] = Number(rest & 127n) | 128;
      this.#bytes[this.#length++] = Number(rest);
      return;
    }
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.#bytes[this.#length++] = (rest % 128) | 128;
    this.#bytes[this.#length++] = rest;
  }

  #append(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  #reserve(extra: number): void {
    if (this.#length + extra <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + extra));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
