/** What a header of POSIX or GNU says of the file behind it. */
export interface Extended {
  readonly path?: string;
  readonly linkpath?: string;
  readonly size?: number;
  readonly sparse?: boolean;
}

/** Records of pax: `<length> <key>=<value>\n`, the length in bytes. */
export function recordsOf(bytes: Uint8Array): Extended {
  const content = Buffer.from(bytes);
  const found: { path?: string; linkpath?: string; size?: number; sparse?: boolean } = {};
  for (let position = 0; position < content.length; ) {
    const length = Number.parseInt(content.subarray(position, position + 20).toString('latin1'), 10);
    if (!(length > 0)) break;
    const record = content.subarray(position, position + length - 1).toString();
    const [, key, value] = /^\d+ ([^=]+)=(.*)$/s.exec(record) ?? [];
    if (key === 'path') found.path = value;
    if (key === 'linkpath') found.linkpath = value;
    if (key === 'size') found.size = Number(value);
    if (key?.startsWith('GNU.sparse.')) found.sparse = true;
    position += length;
  }
  return found;
}

/** The name of a file, of which POSIX has the first part elsewhere. */
export function nameOf(header: Uint8Array): string {
  const name = textIn(header.subarray(0, 100));
  const isPosix = Buffer.from(header.subarray(257, 263)).toString() === 'ustar\0';
  const prefix = isPosix ? textIn(header.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** In octal, or with the first bit set in base 256; NaN for anything else. */
export function numberOf(field: Uint8Array): number {
  if ((field[0] & 0x80) !== 0) return field.slice(1).reduce((value, byte) => value * 256 + byte, field[0] & 0x7f);
  const [, digits] = /^[\0 ]*([0-7]*)(?:[\0 ]|$)/.exec(Buffer.from(field).toString('latin1')) ?? [];
  return digits === undefined ? Number.NaN : Number.parseInt(digits || '0', 8);
}

/** The text of a field, which ends at its first zero. */
export function textIn(field: Uint8Array): string {
  return Buffer.from(field).toString().replace(/\0.*$/s, '');
}
