/** A printable character for each byte, as GPT-2 (Radford et al. 2019) writes them. */
const characters: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  isPrintable(byte) ? String.fromCharCode(byte) : String.fromCharCode(256 + unprintableBefore(byte)),
);

const bytes = new Map(characters.map((character, byte) => [character, byte]));

/** What stands for the bytes of a character. */
export function byteCharacters(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x80) return characters[code];
  let text = '';
  for (const byte of encoder.encode(character)) text += characters[byte];
  return text;
}

/** The byte that a character stands for, if any. */
export function byteOf(character: string): number | undefined {
  return bytes.get(character);
}

const encoder = new TextEncoder();

function isPrintable(byte: number): boolean {
  return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
}

function unprintableBefore(byte: number): number {
  let count = 0;
  for (let each = 0; each < byte; each++) if (!isPrintable(each)) count++;
  return count;
}
