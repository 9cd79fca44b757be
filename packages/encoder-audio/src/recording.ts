import { requireArgument } from '@polymodal/core';

/** Sound as planar channels of equal length, full scale −1 … 1. */
export interface Recording {
  readonly channels: readonly Float32Array[];
  /** Hz */
  readonly sampleRate: number;
}

/** How many samples of each channel are wanted of a recording. */
export type SamplesWanted = (sampleRate: number) => number;

/** The mean of the channels. */
export function mixToMono(recording: Recording): Float32Array {
  const isRecording = Array.isArray(recording?.channels) && recording.channels.length > 0;
  requireArgument(isRecording, 'mixToMono', 'a recording with its channels', recording);
  const { channels } = recording;
  if (channels.length === 1) return channels[0];
  const mono = new Float32Array(channels[0].length);
  for (const channel of channels) {
    for (let i = 0; i < mono.length; i++) mono[i] += channel[i] / channels.length;
  }
  return mono;
}
