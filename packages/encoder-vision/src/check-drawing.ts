import { SampleError } from '@polymodal/core';

/**
 * An SVG is a program, and what filters, pictures within it and entities cost to render cannot be told from its size: a
 * kilobyte of them takes hours, or gigabytes.
 *
 * @throws SampleError for a drawing that has such parts
 */
export function checkDrawing(bytes: Uint8Array): void {
  const text = new TextDecoder('latin1').decode(bytes.filter((byte) => byte !== 0)); // letters may have two bytes
  const found = costly.find(([pattern]) => pattern.test(text));
  if (!found) return;
  throw new SampleError({
    expected: 'an SVG file of shapes and text',
    received: `one with ${found[1]}`,
    hint: 'What rendering that costs cannot be bounded: export the drawing as PNG.',
  });
}

const costly: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/<(\w+:)?(filter|fe[A-Z]\w*)\b|\bfilter\s*[:=]/, 'filters'],
  [/<(\w+:)?image\b/, 'pictures in it'],
  [/<!ENTITY/, 'entities'],
];
