import { readFileSync } from 'node:fs';

/** The largest difference between our output and a peer's, from their files; null without a peer. */
export function outputDifference(ours: string, peers: readonly string[]): number | null {
  const expected = readFloats(ours);
  let largest: number | null = null;
  for (const file of peers) {
    const values = readFloats(file);
    if (values.length !== expected.length) return Number.POSITIVE_INFINITY;
    for (let i = 0; i < values.length; i++) {
      const difference = Math.abs(values[i]! - expected[i]!);
      largest = Math.max(largest ?? 0, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
    }
  }
  return largest;
}

function readFloats(file: string): Float32Array {
  const bytes = readFileSync(file);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}
