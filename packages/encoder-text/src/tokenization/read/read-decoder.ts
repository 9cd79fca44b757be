import { z } from 'zod';
import * as decoders from '../decoders';
import type { Read } from './file-part';
import { readPattern } from './read-pattern';
import { character, count, metaspaceSchema } from './schemas';

export const readDecoder: Read<decoders.Decoder> = (part) => part.component(readers);

const readers: Readonly<Record<string, Read<decoders.Decoder>>> = {
  BPEDecoder: (part) => decoders.bpeDecoder(part.parse(z.object({ suffix: z.string() })).suffix),
  ByteLevel: () => decoders.byteLevelDecoder,
  WordPiece: (part) => decoders.wordPieceDecoder(part.parse(z.object({ prefix: z.string(), cleanup: z.boolean() }))),
  Metaspace(part) {
    const { replacement, prepend_scheme } = part.parse(metaspaceSchema);
    return decoders.metaspaceDecoder({ replacement, prependScheme: prepend_scheme });
  },
  CTC: (part) =>
    decoders.ctcDecoder(
      part.parse(z.object({ pad_token: z.string(), word_delimiter_token: z.string(), cleanup: z.boolean() })),
    ),
  Sequence: (part) => decoders.decoderSequence(part.list('decoders', readDecoder)),
  Replace(part) {
    const { content } = part.parse(z.object({ content: z.string() }));
    return decoders.replaceDecoder(readPattern(part.at('pattern')), content);
  },
  Fuse: () => decoders.fuseDecoder,
  Strip: (part) => decoders.stripDecoder(part.parse(z.object({ content: character, start: count, stop: count }))),
  ByteFallback: () => decoders.byteFallbackDecoder,
};
