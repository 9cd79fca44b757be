import { z } from 'zod';
import * as normalizers from '../normalizers';
import { PrecompiledCharacters } from '../precompiled-characters';
import type { Normalizer } from '../text-parts';
import type { Read } from './file-part';
import { readPattern } from './read-pattern';

export const readNormalizer: Read<Normalizer> = (part) => part.component(readers);

const bertSchema = z.object({
  clean_text: z.boolean(),
  handle_chinese_chars: z.boolean(),
  strip_accents: z
    .boolean()
    .nullish()
    .transform((each) => each ?? null),
  lowercase: z.boolean(),
});

const bert: Read<Normalizer> = (part) => normalizers.bertNormalizer(part.parse(bertSchema));

const readers: Readonly<Record<string, Read<Normalizer>>> = {
  BertNormalizer: bert,
  Bert: bert,
  Strip(part) {
    const { strip_left, strip_right } = part.parse(z.object({ strip_left: z.boolean(), strip_right: z.boolean() }));
    return normalizers.strip({ left: strip_left, right: strip_right });
  },
  StripAccents: () => normalizers.stripAccents,
  NFC: () => normalizers.normalFormNormalizer('NFC'),
  NFD: () => normalizers.normalFormNormalizer('NFD'),
  NFKC: () => normalizers.normalFormNormalizer('NFKC'),
  NFKD: () => normalizers.normalFormNormalizer('NFKD'),
  Sequence: (part) => normalizers.sequence(part.list('normalizers', readNormalizer)),
  Lowercase: () => normalizers.lowercase,
  Nmt: () => normalizers.nmt,
  Precompiled(part) {
    const { precompiled_charsmap } = part.parse(z.object({ precompiled_charsmap: z.base64() }));
    const table = Uint8Array.from(atob(precompiled_charsmap), (each) => each.charCodeAt(0));
    return normalizers.precompiled(new PrecompiledCharacters(table, part.where));
  },
  Replace(part) {
    const { content } = part.parse(z.object({ content: z.string() }));
    return normalizers.replace(readPattern(part.at('pattern')), content);
  },
  Prepend: (part) => normalizers.prepend(part.parse(z.object({ prepend: z.string() })).prepend),
  ByteLevel: () => normalizers.byteLevel,
};
