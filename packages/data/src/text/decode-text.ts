import { TextDecoder } from 'node:util';
import { ConfigError, FileFormatError } from '@polymodal/core';

/** Letters of a text. A byte that none stands for is refused. */
export class TextCodec {
  readonly #decoder: TextDecoder;

  /**
   * @param encoding as the web knows it: `utf-8`, `windows-1252`, `shift_jis` …
   * @throws ConfigError for one that is unknown, or in which the marks of a table are no single bytes
   */
  constructor(readonly encoding: string) {
    try {
      this.#decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
    } catch (cause) {
      throw new ConfigError({
        where: 'encoding',
        expected: 'an encoding: utf-8, windows-1252, iso-8859-2, shift_jis, gb18030 …',
        received: JSON.stringify(encoding),
        cause,
      });
    }
    if (/^utf-16/.test(this.#decoder.encoding)) {
      throw new ConfigError({ where: 'encoding', ...notUtf16(this.#decoder.encoding) });
    }
  }

  /** @returns undefined for bytes that are no text in this encoding */
  decode(bytes: Uint8Array): string | undefined {
    try {
      return this.#decoder.decode(bytes);
    } catch {
      return undefined;
    }
  }
}

/** Where a text begins: behind the mark that some programs put before it. @throws FileFormatError for UTF-16 */
export function textStart(head: Uint8Array, path: string): number {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 3;
  const mark = (head[0] << 8) | head[1];
  if (mark === 0xfffe || mark === 0xfeff) throw new FileFormatError({ where: path, ...notUtf16('utf-16') });
  if (head.includes(0)) {
    throw new FileFormatError({
      where: path,
      expected: 'a text',
      received: 'bytes of 0 among its first ones',
      hint: 'It is no text, or one in UTF-16: save it as UTF-8.',
    });
  }
  return 0;
}

function notUtf16(received: string) {
  return {
    expected: 'a text in UTF-8, or in an encoding in which a comma is one byte',
    received,
    hint: 'Save it as UTF-8 ("CSV UTF-8" in Excel), or convert it: iconv -f UTF-16 -t UTF-8 old.csv > new.csv.',
  };
}
