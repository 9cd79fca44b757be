import { PolymodalError, parseStrictJson, SampleError, type StrictJson } from '@polymodal/core';
import { isExactNumber } from './exact-number';

/** Lists and objects within one another. */
const deepest = 64;

/**
 * Parses strict JSON: no name twice, and no NaN.
 *
 * @param where how error messages call the text
 * @throws SampleError
 */
export function parseJson(text: string, where?: string): StrictJson {
  try {
    return parseStrictJson(text, { where: where ?? '', deepest, integersOnly: false });
  } catch (error) {
    if (!PolymodalError.isInstance(error)) throw error;
    const { expected, received } = error;
    throw new SampleError({ ...(where !== undefined && { where }), expected, received, cause: error });
  }
}

/** Objects as JavaScript has them. */
export function plainJson(value: StrictJson): unknown {
  if (Array.isArray(value)) return value.map(plainJson);
  if (!(value instanceof Map)) return value;
  const entries = [...(value as ReadonlyMap<string, StrictJson>)];
  return Object.fromEntries(entries.map(([name, own]) => [name, plainJson(own)]));
}

/**
 * Requires of a value that was parsed that JavaScript took none of its numbers for another one.
 *
 * @param text that it was parsed from: numbers stand in it in the order in which they are in the value
 * @throws SampleError
 */
export function requireExactNumbers(value: StrictJson, text: string, where?: string): void {
  if (!/\d{16}|\d[eE]/.test(text)) return; // none is beyond 2^53
  const written = (text.match(/"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g) ?? []).filter((token) => token[0] !== '"');
  for (const [index, { number, name }] of [...numbersOf(value)].entries()) {
    if (isExactNumber(written[index], number)) continue;
    const place = [where, name].filter((part) => part !== undefined).join(', ');
    throw new SampleError({
      ...(place !== '' && { where: place }),
      expected: 'integers up to 2^53, which a number holds exactly, and none beyond 1.8e308',
      received: written[index].slice(0, 40),
      hint: 'Write long ids as texts, in quotes.',
    });
  }
}

/** The numbers of a value, each with the name in the outermost object. */
function* numbersOf(value: StrictJson, name?: string): Generator<{ number: number; name: string | undefined }> {
  if (typeof value === 'number') yield { number: value, name };
  else if (Array.isArray(value)) for (const own of value) yield* numbersOf(own, name);
  else if (value instanceof Map) {
    for (const [key, own] of value as ReadonlyMap<string, StrictJson>) yield* numbersOf(own, name ?? key);
  }
}
