import { isRecord, parseConfig, requireArgument, SampleError, ShapeError } from '@polymodal/core';
import { z } from 'zod';
import { continueSequences, type FinishReason } from './continue-sequences';
import { eachByItself, type Place } from './each-by-itself';
import type { FrameDecoder, NextFrames } from './frame-decoder';
import { requireNumbers, requireSignal } from './require-decoding';

const frameOptions = z.strictObject({
  /** Most frames that are added. */
  maxNewFrames: z.int().positive(),
  /** Fewest frames that are added: before that, no sequence ends. */
  minNewFrames: z.int().min(0).default(0),
  /** The probability of an end from which on a sequence ends. */
  stopAt: z.number().gt(0).max(1).default(0.5),
});

/** How {@link generateFrames} continues sequences. */
export interface FrameOptions extends Readonly<z.input<typeof frameOptions>> {
  /** Stops after the frame that is being computed. */
  readonly signal?: AbortSignal;
}

/** One more frame of a sequence. */
export interface GeneratedFrame {
  /** Which prompt it continues. */
  readonly index: number;
  /** M numbers. */
  readonly frame: Float32Array;
  /** Set at the last one. */
  readonly finishReason?: FinishReason | undefined;
}

/**
 * Continues sequences frame by frame, each of which is what the next follows from (Shen et al. 2018, "Tacotron 2"; HF
 * `SpeechT5ForTextToSpeech`); the frames of a turn come together.
 *
 * @param prompts N · M numbers of each sequence, frame by frame: a frame of zeros, say
 * @throws ConfigError for an option that is unknown or wrong
 * @throws SampleError for a prompt without frames, or without a whole number of them
 * @throws ShapeError for a prompt that is longer than the decoder's sequences
 * @throws the reason of the signal, if it is aborted
 */
export async function* generateFrames(
  decoder: FrameDecoder,
  prompts: readonly Float32Array[],
  controlled: FrameOptions,
): AsyncGenerator<readonly GeneratedFrame[], void, undefined> {
  requireArgument(isDecoder(decoder), 'generateFrames', 'a decoder of frames', decoder);
  const arePrompts = Array.isArray(prompts) && Array.from(prompts).every((prompt) => prompt instanceof Float32Array);
  requireArgument(arePrompts, 'generateFrames, prompts', 'a list of frames, those of each in a Float32Array', prompts);
  requireArgument(isRecord(controlled), 'generateFrames', 'an object of options', controlled);
  const { signal, ...given } = controlled;
  requireSignal(signal, 'generateFrames');
  const { maxNewFrames, minNewFrames, stopAt } = parseConfig(frameOptions, given, 'generation');
  // Each prompt has a limit of its own, by its own length; the last frame is not fed back.
  const limits = lengthsOf(decoder, prompts).map((length) => Math.min(maxNewFrames, decoder.maxLength - length + 1));
  const choose = ({ frames, stops }: NextFrames, { index, row, rows }: Place, step: number) => {
    requireNumbers(frames, rows * decoder.frameSize, `a frame of ${decoder.frameSize} for each sequence`);
    requireNumbers(stops, rows, 'the probability that each sequence ends');
    const item = frames.slice(row * decoder.frameSize, (row + 1) * decoder.frameSize);
    if (stops[row] >= stopAt && step >= minNewFrames) return { item, finishReason: 'stop' } as const;
    return step === limits[index] ? ({ item, finishReason: 'length' } as const) : { item };
  };
  signal?.throwIfAborted();
  const decoding = decoder.start(prompts, Math.max(...limits));
  for await (const turn of continueSequences(decoding, eachByItself(prompts.length, choose), signal)) {
    yield turn.map(({ item, ...rest }) => ({ frame: item, ...rest }));
  }
}

function isDecoder(decoder: FrameDecoder): boolean {
  return isRecord(decoder) && typeof decoder.start === 'function';
}

/** How many frames each prompt has. */
function lengthsOf({ frameSize, maxLength }: FrameDecoder, prompts: readonly Float32Array[]): number[] {
  if (prompts.length === 0) throw new SampleError({ expected: 'at least one prompt', received: 'none' });
  return prompts.map(({ length }, index) => {
    const frames = length / frameSize;
    const where = `prompt ${index}`;
    if (!(frames > 0 && Number.isInteger(frames))) {
      throw new SampleError({ where, expected: `frames of ${frameSize} numbers`, received: `${length} numbers` });
    }
    if (frames > maxLength) {
      throw new ShapeError({ where, expected: `at most ${maxLength} frames`, received: String(frames) });
    }
    return frames;
  });
}
