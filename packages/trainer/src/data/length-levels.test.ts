import { RandomKey } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { LengthLevels, type Programs } from './length-levels';
import type { SampleShape } from './sample-shape';

const text = (tokens: number): SampleShape => ({ text: { lengths: { tokens } } });
const both = (tokens: number, frames: number): SampleShape => ({ ...text(tokens), audio: { lengths: { frames } } });
const grid = [16, 32, 48].flatMap((tokens) => [64, 128, 192, 256].map((frames) => both(tokens, frames)));
/** So many passes that any padding saved is worth a program. */
const long = { rows: () => 8, passes: 1e6 };

function lengthsOf(levels: LengthLevels, shapes: readonly SampleShape[]) {
  return shapes.map((shape) => levels.lengthsFor([shape]));
}

describe('LengthLevels', () => {
  it('keeps every length apart while there are few and enough passes', () => {
    const shapes = [16, 32, 48].map(text);
    const levels = new LengthLevels(shapes, ['text'], long);
    expect(shapes.map((shape) => levels.levelOf(shape))).toEqual([0, 1, 2]);
    expect(lengthsOf(levels, shapes)).toEqual([16, 32, 48].map((tokens) => ({ text: { tokens } })));
  });

  it('merges down to the limit, orders levels by length, and holds every sample', () => {
    const levels = new LengthLevels(grid, ['text', 'audio'], long);
    expect(new Set(grid.map((shape) => levels.levelOf(shape)))).toEqual(new Set([0, 1, 2, 3]));
    expect(levels.levelOf(both(16, 64))).toBe(0);
    expect(levels.levelOf(both(48, 256))).toBe(3);
    for (const shape of grid) {
      const { text, audio } = levels.lengthsFor([shape]);
      expect(text.tokens).toBeGreaterThanOrEqual(shape.text.lengths!.tokens);
      expect(audio.frames).toBeGreaterThanOrEqual(shape.audio.lengths!.frames);
    }
  });

  it('keeps more levels where what is compiled for each are layers, which many shapes share', () => {
    const levels = new LengthLevels(grid, ['text', 'audio'], { ...long, programs: 'layers' });
    expect(new Set(grid.map((shape) => levels.levelOf(shape))).size).toBe(12);
    const shapes = Array.from({ length: 80 }, (_, i) => text(i % 2 ? 64 : 128)); // a level saves 2.5 of the longest steps a pass
    const sizes = (programs: Programs) => {
      const own = new LengthLevels(shapes, ['text'], { rows: () => 8, passes: 0.2, programs });
      return new Set(shapes.map((shape) => own.levelOf(shape))).size;
    };
    expect([sizes('steps'), sizes('layers')]).toEqual([1, 2]);
  });

  it('tells the lengths that hold some samples, which no level need have', () => {
    const levels = new LengthLevels(grid, ['text', 'audio'], { ...long, mostLevels: 1 });
    expect(levels.longestOf([both(16, 128), both(32, 64)])).toEqual({ text: { tokens: 32 }, audio: { frames: 128 } });
  });

  it('has one level that holds whichever samples share a batch', () => {
    const shapes = [both(16, 256), both(48, 64)];
    const levels = new LengthLevels(shapes, ['text', 'audio'], long);
    expect(levels.lengthsFor(shapes)).toEqual({ text: { tokens: 48 }, audio: { frames: 256 } });
    expect(lengthsOf(levels, shapes)).toEqual([
      { text: { tokens: 16 }, audio: { frames: 256 } },
      { text: { tokens: 48 }, audio: { frames: 64 } },
    ]);
  });

  it('merges what wastes the least padding: rare lengths rather than common ones', () => {
    const common = Array.from({ length: 90 }, (_, i) => text(i % 2 ? 16 : 64));
    const levels = new LengthLevels([...common, text(48), text(32)], ['text'], { ...long, mostLevels: 2 });
    expect([16, 32, 48, 64].map((tokens) => levels.levelOf(text(tokens)))).toEqual([0, 1, 1, 1]);
  });

  it('has a level more only where that saves more time in padding than a program takes', () => {
    // 40 samples of half the length, in batches of 8: a level of their own saves 2.5 of the longest steps at every pass.
    const shapes = Array.from({ length: 80 }, (_, i) => text(i % 2 ? 64 : 128));
    const levelsAfter = (passes: number) =>
      new Set(
        lengthsOf(new LengthLevels(shapes, ['text'], { rows: () => 8, passes }), shapes).map(({ text }) => text.tokens),
      );
    expect(levelsAfter(0.3)).toEqual(new Set([128]));
    expect(levelsAfter(0.5)).toEqual(new Set([64, 128]));
    expect(levelsAfter(0)).toEqual(new Set([128]));
  });

  it('compares tokens with tokens as they are, and with frames by their longest', () => {
    const titled = (title: number, tokens: number): SampleShape => ({
      title: { lengths: { tokens: title } },
      text: { lengths: { tokens } },
    });
    // Title 16 → 32 costs 16 tokens, text 64 → 128 costs 64: of two levels, one is for the short texts.
    const shapes = [16, 32].flatMap((title) => [64, 128].map((tokens) => titled(title, tokens)));
    const levels = new LengthLevels(shapes, ['title', 'text'], { ...long, mostLevels: 2 });
    expect(levels.lengthsFor([titled(16, 64)])).toEqual({ title: { tokens: 32 }, text: { tokens: 64 } });
  });

  it('pads samples that are longer than any it knew to their own lengths', () => {
    const levels = new LengthLevels([text(16)], ['text'], long);
    expect(levels.lengthsFor([text(16), text(80)])).toEqual({ text: { tokens: 80 } });
  });

  it('asks nothing of features without lengths', () => {
    const picture: SampleShape = { image: { fixed: [480, 640] } };
    expect(new LengthLevels([picture], ['image'], long).lengthsFor([picture])).toEqual({});
  });

  it('chooses among thousands of shapes in bounded time', () => {
    const key = RandomKey.from(4);
    const shapes = Array.from({ length: 20_000 }, (_, i) =>
      both(key.fold(i).integer(1, 500), key.fold(i).integer(1, 3000)),
    );
    const levels = new LengthLevels(shapes, ['text', 'audio'], long);
    expect(new Set(shapes.map((shape) => levels.levelOf(shape))).size).toBe(4);
  });
});
