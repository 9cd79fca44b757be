import { requireArgument } from '@polymodal/core';
import { distance } from 'fastest-levenshtein';

/**
 * Words that were left out, put in or written as others, for each word that was said: over all texts together (Levenshtein distance;
 * `jiwer.wer`). Words are what stands between spaces, to the letter. It may be more than 1.
 *
 * @throws ConfigError for lists of two lengths, and where no word was said
 */
export function wordErrorRate(references: readonly string[], written: readonly string[]): number {
  return errorRate('wordErrorRate', references, written, (text) => text.split(/\s+/).filter((word) => word !== ''));
}

/** The same of letters, spaces among them but those at the ends of a text (`jiwer.cer`). */
export function characterErrorRate(references: readonly string[], written: readonly string[]): number {
  return errorRate('characterErrorRate', references, written, (text) => [...text.trim()]);
}

function errorRate(
  name: string,
  references: readonly string[],
  written: readonly string[],
  parts: (text: string) => string[],
): number {
  const areTexts = (list: unknown) => Array.isArray(list) && Array.from(list).every((text) => typeof text === 'string'); // also what a list has not at a place
  requireArgument(areTexts(references), `${name}, references`, 'a list of texts', references);
  requireArgument(
    areTexts(written) && written.length === references.length,
    `${name}, written`,
    `a list of ${references.length} texts, one for each reference`,
    written,
  );
  const [errors, said] = references.reduce(
    ([errors, said], reference, index) => {
      const own = parts(reference);
      return [errors + editDistance(own, parts(written[index])), said + own.length];
    },
    [0, 0],
  );
  requireArgument(said > 0, `${name}, references`, 'texts with something in them', references);
  return errors / said;
}

/** With a character of its own for each different part. */
function editDistance(a: readonly string[], b: readonly string[]): number {
  const codes = new Map<string, string>();
  const coded = (parts: readonly string[]) =>
    parts
      .map((part) => {
        const code = codes.get(part) ?? String.fromCharCode(codes.size);
        codes.set(part, code);
        return code;
      })
      .join('');
  return distance(coded(a), coded(b));
}
