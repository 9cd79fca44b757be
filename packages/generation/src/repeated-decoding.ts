import type { Decoding } from './decoding';

/** Sequences of which each begins `copies` times, one behind the other, though its prompt is run once. */
export function repeatedDecoding(
  decoding: Decoding<number, Float32Array>,
  count: number,
  copies: number,
): Decoding<number, Float32Array> {
  if (copies === 1) return decoding;
  const rows = Array.from({ length: count * copies }, (_, index) => Math.floor(index / copies));
  return {
    async prefill() {
      const logits = await decoding.prefill();
      decoding.select(rows);
      const width = logits.length / count;
      const repeated = new Float32Array(rows.length * width);
      rows.forEach((row, index) => repeated.set(logits.subarray(row * width, (row + 1) * width), index * width));
      return repeated;
    },
    step: (ids) => decoding.step(ids),
    select: (chosen) => decoding.select(chosen),
    dispose: () => decoding.dispose(),
  };
}
