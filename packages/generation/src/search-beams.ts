import { BeamSearch } from './beam-search';
import type { Turn } from './continue-sequences';
import type { GeneratedToken } from './generate-tokens';
import type { GenerationOptions } from './generation-options';
import type { GrowingSequence } from './growing-sequence';
import { endsOf, type SequenceRules } from './sequence-rules';

/** Search in beams for each prompt. Which sequences are the best is known in the end: their tokens are told in the last turn. */
export function searchBeams(
  prompts: readonly GrowingSequence[],
  rules: readonly SequenceRules[],
  options: GenerationOptions,
): (logits: Float32Array, step: number) => Turn<number, readonly GeneratedToken[]> {
  const width = options.numBeams ?? 1;
  const ends = endsOf(options).length;
  const searches = prompts.map((prompt, index) => new BeamSearch(prompt, rules[index], options, ends));
  const isSame = Array.from({ length: width }, (_, beam) => beam);
  let items: number[] = [];
  return (logits, step) => {
    const size = logits.length / prompts.length;
    const next = searches.map((search, index) =>
      search.isDone ? undefined : search.advance(logits.subarray(index * size, (index + 1) * size), step),
    );
    if (searches.every((search) => search.isDone)) {
      return { told: searches.flatMap((search, index) => tokensOf(search, index, options.numReturnSequences ?? 1)) };
    }
    // A search that is done goes along with the others, and is not heeded.
    items = next.flatMap((own, index) => own?.ids ?? items.slice(index * width, (index + 1) * width));
    const from = next.map((own) => own?.from ?? isSame);
    const isReordered = from.some((own) => own.some((row, beam) => row !== beam));
    const rows = from.flatMap((own, index) => own.map((beam) => index * width + beam));
    return { told: [], next: { items, ...(isReordered && { rows }) } };
  };
}

function tokensOf({ finished }: BeamSearch, index: number, count: number): GeneratedToken[] {
  return finished.slice(0, count).flatMap(({ ids, score, finishReason }, sequence) =>
    ids.map((id, place) => ({
      index,
      sequence,
      id,
      ...(place === ids.length - 1 && { finishReason, score }),
    })),
  );
}
