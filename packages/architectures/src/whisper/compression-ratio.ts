/**
 * How many times smaller tokens become when they are compressed: what repeats itself becomes very small (HF `_retrieve_compression_ratio`).
 *
 * @param vocabSize ids lie below it
 */
export async function compressionRatio(ids: readonly number[], vocabSize: number): Promise<number> {
  const bytes = Math.floor(Math.log2(vocabSize) / 8) + 1;
  const whole = Uint8Array.from({ length: ids.length * bytes }, (_, place) => {
    return (ids[Math.floor(place / bytes)]! >>> (8 * (place % bytes))) & 0xff; // the lowest byte first
  });
  const compressed = new Blob([whole]).stream().pipeThrough(new CompressionStream('deflate'));
  const { byteLength } = await new Response(compressed).arrayBuffer();
  return whole.length / byteLength;
}
