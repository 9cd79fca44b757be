import { z } from 'zod';
import type { TemplatePiece, Templates } from '../post-processors';
import type { Read } from './file-part';
import { id } from './schemas';

const piece = z.union([
  z.strictObject({ Sequence: z.object({ id: z.enum(['A', 'B']), type_id: id }) }),
  z.strictObject({ SpecialToken: z.object({ id: z.string(), type_id: id }) }),
]);
const schema = z.object({
  single: piece.array(),
  pair: piece.array(),
  special_tokens: z.record(z.string(), z.object({ id: z.string(), ids: id.array(), tokens: z.string().array() })),
});

/** Where special tokens and texts stand in what a TemplateProcessing makes of one text, and of two. */
export const readTemplates: Read<Templates> = (part) => {
  const { single, pair, special_tokens } = part.parse(schema);
  const read = (template: typeof single, name: 'single' | 'pair'): TemplatePiece[] => {
    const pieces = template.map((each): TemplatePiece => {
      if ('Sequence' in each) {
        return { kind: 'sequence', index: each.Sequence.id === 'A' ? 0 : 1, typeId: each.Sequence.type_id };
      }
      const { id: token, type_id } = each.SpecialToken;
      if (!Object.hasOwn(special_tokens, token)) {
        part.at('special_tokens').refuse(`the token ${JSON.stringify(token)}`, 'tokens without it');
      }
      return { kind: 'special', token: special_tokens[token], typeId: type_id };
    });
    const places = pieces.flatMap((each) => (each.kind === 'sequence' ? [each.index] : []));
    if (new Set(places).size < places.length) part.at(name).refuse('each text once', 'one that comes again');
    if (name === 'single' && places.includes(1)) part.at(name).refuse('one text', 'a second one');
    return pieces;
  };
  return { single: read(single, 'single'), pair: read(pair, 'pair') };
};
