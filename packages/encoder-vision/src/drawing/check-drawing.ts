import { SampleError } from '@polymodal/core';
import { drawingCost } from './drawing-cost';

/** Letters that references may add to those of the file: some seconds of rendering. */
const mostReferred = 2 ** 22;

/**
 * An SVG is a program, and what filters, pictures within it and entities cost to render cannot be told from its size: a
 * kilobyte of them takes hours, or gigabytes. What parts cost that are drawn again and again can be told, by counting.
 *
 * @throws SampleError for a drawing that has such parts, and for one that comes to far more than its file
 */
export function checkDrawing(bytes: Uint8Array): void {
  const text = new TextDecoder('latin1').decode(bytes.filter((byte) => byte !== 0)); // letters may have two bytes
  const found = costly.find(([pattern]) => pattern.test(text));
  if (found) {
    throw new SampleError({
      expected: 'an SVG file of shapes and text',
      received: `one with ${found[1]}`,
      hint: 'What rendering that costs cannot be bounded: export the drawing as PNG.',
    });
  }
  const { once, drawn } = drawingCost(text);
  if (drawn <= once + mostReferred) return;
  throw new SampleError({
    expected: `an SVG file whose references come to at most ${mostReferred} letters, drawn out`,
    received: drawn === Infinity ? 'one that refers to itself' : `${text.length} that come to ${Math.round(drawn)}`,
    hint: 'Export the drawing as PNG.',
  });
}

const costly: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/<(\w+:)?(filter|fe[A-Z]\w*)\b|\bfilter\s*[:=]/, 'filters'],
  [/<(\w+:)?image\b/, 'pictures in it'],
  [/<!ENTITY/, 'entities'],
];
