import { z } from 'zod';
import { LiteralPattern, type Pattern, RegularExpression } from '../pattern/pattern';
import type { Read } from './file-part';

const schema = z.union([z.strictObject({ String: z.string() }), z.strictObject({ Regex: z.string() })]);

/** What a Replace or a Split looks for. */
export const readPattern: Read<Pattern> = (part) => {
  const pattern = part.parse(schema);
  if ('Regex' in pattern) return new RegularExpression(pattern.Regex, part.where);
  return pattern.String === '' ? new RegularExpression('', part.where) : new LiteralPattern(pattern.String);
};
