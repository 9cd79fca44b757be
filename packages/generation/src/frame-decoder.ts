import type { Decoding } from './decoding';

/** What may follow: the next frame of each sequence, and whether it is its last. */
export interface NextFrames {
  /** B frames of M numbers, one after the other. */
  readonly frames: Float32Array;
  /** (B), the probability that the sequence ends with it. */
  readonly stops: Float32Array;
}

/** What continues sequences of frames, each some numbers: the spectrogram of speech, say. */
export interface FrameDecoder {
  /** M, how many numbers a frame has. */
  readonly frameSize: number;
  /** Most frames of a sequence. */
  readonly maxLength: number;
  /**
   * Begins with frames, at least one of each sequence.
   *
   * @param prompts N · M numbers, frame by frame
   * @param room    frames that are likely to follow, for which room is made at once
   */
  start(prompts: readonly Float32Array[], room: number): Decoding<Float32Array, NextFrames>;
}
