import { BeamSearch } from './beam-search';
import type { Turn } from './continue-sequences';
import type { GeneratedToken } from './generate-tokens';
import type { GenerationOptions } from './generation-options';
import type { GrowingSequence } from './growing-sequence';
import { RunningSequences } from './running-sequences';
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
  const running = new RunningSequences(prompts.length);
  const isSame = Array.from({ length: width }, (_, beam) => beam);
  let items: number[] = [];
  return (logits, step) => {
    const { indices } = running;
    const size = logits.length / indices.length;
    const next = indices.map((index, row) =>
      searches[index].isDone ? undefined : searches[index].advance(logits.subarray(row * size, (row + 1) * size), step),
    );
    if (searches.every((search) => search.isDone)) {
      return { told: searches.flatMap((search, index) => tokensOf(search, index, options.numReturnSequences ?? 1)) };
    }
    const kept = running.leaveOut((index) => searches[index].isDone);
    const goingOn = kept ?? [...indices.keys()];
    // A search that is done, and goes along with the others, is not heeded.
    items = goingOn.flatMap((row) => next[row]?.ids ?? items.slice(row * width, (row + 1) * width));
    const from = goingOn.map((row) => next[row]?.from ?? isSame);
    const isReordered = kept !== undefined || from.some((own) => own.some((beam, place) => beam !== place));
    const rows = from.flatMap((own, place) => own.map((beam) => goingOn[place] * width + beam));
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
