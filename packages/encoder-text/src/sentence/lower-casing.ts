import { parseJsonFile } from '@polymodal/hub';
import { z } from 'zod';
import { tokenizerFileName } from '../file-tokenizer';

/** A normaliser of tokenizer.json. */
const normalizer = z.looseObject({ type: z.string(), normalizers: z.array(z.unknown()).nullish() });

/** The tokenizer.json with letters made small before all else, where that is not done already (`do_lower_case`). */
export function lowerCasing(content: Uint8Array): Uint8Array {
  const file = parseJsonFile(content, tokenizerFileName, z.looseObject({ normalizer: normalizer.nullish() }));
  const before = file.normalizer;
  const parts: readonly unknown[] = before?.type === 'Sequence' ? (before.normalizers ?? []) : before ? [before] : [];
  if (parts.some(isLowercase)) return content;
  const lowered = { ...file, normalizer: { type: 'Sequence', normalizers: [{ type: 'Lowercase' }, ...parts] } };
  return new TextEncoder().encode(JSON.stringify(lowered));
}

function isLowercase(part: unknown): boolean {
  return typeof part === 'object' && part !== null && 'type' in part && part.type === 'Lowercase';
}
