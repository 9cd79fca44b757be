import type { WrittenLabel } from './ctc-vocabulary';

/** Log-probabilities of a recording's frames, (T, V), in host memory. */
export interface FrameLogProbabilities {
  readonly data: ArrayLike<number>;
  readonly frames: number;
  readonly size: number;
}

/**
 * What the likeliest token of each frame spells: repetitions are one label, and the blank between two makes them two ("best path decoding",
 * Graves et al. 2006, section 3.2; `batch_decode(argmax(logits))` of Python).
 */
export function bestPath({ data, frames, size }: FrameLogProbabilities, blank: number): WrittenLabel[] {
  const labels: { id: number; startFrame: number; endFrame: number }[] = [];
  let last = blank;
  for (let frame = 0; frame < frames; frame++) {
    let id = 0;
    for (let k = 1; k < size; k++) if (data[frame * size + k] > data[frame * size + id]) id = k;
    if (id === last && id !== blank) labels[labels.length - 1].endFrame = frame + 1;
    else if (id !== blank) labels.push({ id, startFrame: frame, endFrame: frame + 1 });
    last = id;
  }
  return labels;
}
