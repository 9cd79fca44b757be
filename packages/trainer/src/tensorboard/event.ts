/** What TensorBoard shows of a step: values by their tags, of which those alike up to a slash stand together. */
export type Scalars = Readonly<Record<string, number>>;

/** The first event of a file. */
export function versionEvent(wallTime: number): Uint8Array {
  return message([double(1, wallTime), text(3, 'brain.Event:2')]);
}

/**
 * A step's scalars as a message of `tensorflow/core/util/event.proto`. Written by hand: a library would bring a schema for these four
 * fields.
 *
 * @param wallTime seconds since 1970
 */
export function scalarsEvent(wallTime: number, step: number, scalars: Scalars): Uint8Array {
  const values = Object.entries(scalars).map(([tag, value]) => nested(1, message([text(1, tag), float(2, value)])));
  return message([double(1, wallTime), integer(2, step), nested(5, message(values))]);
}

function message(fields: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(fields);
}

function double(field: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(9);
  bytes[0] = field * 8 + 1;
  bytes.writeDoubleLE(value, 1);
  return bytes;
}

function float(field: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(5);
  bytes[0] = field * 8 + 5;
  new DataView(bytes.buffer, bytes.byteOffset).setFloat32(1, value, true); // NaN and infinity as they are
  return bytes;
}

function integer(field: number, value: number): Uint8Array {
  return Uint8Array.of(field * 8, ...varint(value));
}

function text(field: number, value: string): Uint8Array {
  return nested(field, Buffer.from(value));
}

function nested(field: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(field * 8 + 2, ...varint(content.length)), content]);
}

/** Seven bits a byte, the lowest first. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}
