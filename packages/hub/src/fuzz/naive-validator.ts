/** A tensor as the naive validator reads it. */
export interface NaiveTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Its values by the definition of its type; of a type that the hub does not read, none. */
  readonly values: readonly (number | bigint)[] | undefined;
}

/**
 * The format's rules in the plainest way, with nothing of what the hub uses: the tensors of a file, or why it is none.
 * Slow, and for small files only.
 */
export function readNaively(file: Uint8Array): Map<string, NaiveTensor> | string {
  const bytes = Buffer.from(file);
  if (bytes.length < 8) return 'shorter than eight bytes';
  const headerLength = bytes.readBigUInt64LE(0);
  if (headerLength > 100_000_000n || headerLength + 8n > BigInt(bytes.length)) return 'a header that does not fit';
  const dataStart = 8 + Number(headerLength);
  const header = bytes.subarray(8, dataStart);
  const text = header.toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(header)) return 'no UTF-8';
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return 'no JSON';
  }
  const outside = text.replace(/"(?:[^"\\]|\\.)*"/gs, (string) => ' '.repeat(string.length));
  if (/-|\d[.eE]/.test(outside)) return 'a number that is no plain integer';
  const keys = [...text.matchAll(/"(?:[^"\\]|\\.)*"(?=[ \t\n\r]*:)/gs)].length;
  if (keys !== countKeys(parsed)) return 'a key given twice';
  if (/\\ud/i.test(text) && JSON.stringify(parsed).match(/\\ud[89a-f]/i)) return 'half a character';
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return 'no object';
  return readTensors(Object.entries(parsed), bytes.subarray(dataStart));
}

function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inner = Object.values(value).reduce((total: number, item) => total + countKeys(item), 0);
  return inner + (Array.isArray(value) ? 0 : Object.keys(value).length);
}

function readTensors(entries: [string, unknown][], data: Buffer): Map<string, NaiveTensor> | string {
  const owners = new Uint8Array(data.length); // how many tensors claim each byte
  const tensors = new Map<string, NaiveTensor>();
  const ranges: [number, number][] = [];
  for (const [name, entry] of entries) {
    if (name === '__metadata__') {
      const isObject = typeof entry === 'object' && entry !== null && !Array.isArray(entry);
      if (!isObject || Object.values(entry).some((text) => typeof text !== 'string'))
        return 'metadata that are no texts';
      continue;
    }
    const { dtype, shape, data_offsets: offsets } = Object(entry) as Record<string, unknown>;
    const width = bitsOf.get(dtype);
    if (width === undefined) return `the dtype ${String(dtype)}`;
    if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) return 'a shape or offsets that are none';
    const [begin, end] = offsets;
    const size = shape.map(BigInt).reduce((product, length) => product * length, 1n) * BigInt(width);
    if (begin > end || end > data.length || size !== BigInt(end - begin) * 8n)
      return `a range that does not fit ${name}`;
    for (let position = begin; position < end; position++) owners[position]++;
    ranges.push([begin, end]);
    tensors.set(name, { dtype: dtype as string, shape, values: valuesOf(dtype as string, data.subarray(begin, end)) });
  }
  if (owners.some((count) => count !== 1)) return 'a byte of no tensor, or of two';
  const isWithin = (position: number) => ranges.some(([begin, end]) => begin < position && position < end);
  if (ranges.some(([begin, end]) => begin === end && isWithin(begin))) return 'an empty tensor within another';
  return tensors;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isInteger(item) && item >= 0 && item < 2 ** 53);
}

const bitsOf = new Map<unknown, number>([
  ...['BOOL', 'U8', 'I8', 'F8_E5M2', 'F8_E4M3', 'F8_E5M2FNUZ', 'F8_E4M3FNUZ', 'F8_E8M0'].map(
    (name) => [name, 8] as const,
  ),
  ...['U16', 'I16', 'F16', 'BF16'].map((name) => [name, 16] as const),
  ...['U32', 'I32', 'F32'].map((name) => [name, 32] as const),
  ...['U64', 'I64', 'F64', 'C64'].map((name) => [name, 64] as const),
  ...['F6_E2M3', 'F6_E3M2'].map((name) => [name, 6] as const),
  ['F4', 4],
]);

const readers: Readonly<Record<string, [width: number, read: (view: DataView, at: number) => number | bigint]>> = {
  F64: [8, (view, at) => Math.fround(view.getFloat64(at, true))],
  F32: [4, (view, at) => view.getFloat32(at, true)],
  F16: [2, (view, at) => halfOf(view.getUint16(at, true))],
  BF16: [2, (view, at) => Buffer.from([0, 0, view.getUint8(at), view.getUint8(at + 1)]).readFloatLE()],
  I64: [8, (view, at) => view.getBigInt64(at, true)],
  U64: [8, (view, at) => view.getBigUint64(at, true)],
  I32: [4, (view, at) => view.getInt32(at, true)],
  U32: [4, (view, at) => view.getUint32(at, true)],
  I16: [2, (view, at) => view.getInt16(at, true)],
  U16: [2, (view, at) => view.getUint16(at, true)],
  I8: [1, (view, at) => view.getInt8(at)],
  U8: [1, (view, at) => view.getUint8(at)],
  BOOL: [1, (view, at) => view.getUint8(at)],
};

function valuesOf(dtype: string, bytes: Buffer): (number | bigint)[] | undefined {
  if (!(dtype in readers)) return undefined;
  const [width, read] = readers[dtype];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / width }, (_, index) => read(view, index * width));
}

function halfOf(bits: number): number {
  const sign = bits >= 0x8000 ? -1 : 1;
  const exponent = Math.floor(bits / 1024) % 32;
  const fraction = (bits % 1024) / 1024;
  if (exponent === 31) return fraction > 0 ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
}
