import { SampleError } from '@polymodal/core';
import { mixToMono, type RawAudio, readRecording, resample } from '@polymodal/encoder-audio';

/**
 * The samples of a whole recording, mixed to mono and resampled.
 *
 * @param rate in samples a second
 * @throws SampleError for what cannot be read, is empty, or lasts more than `maxSeconds`; of that no more than a second beyond is read
 */
export async function hearRecording(raw: RawAudio, rate: number, maxSeconds: number): Promise<Float32Array> {
  const recording = await readRecording(raw, (own) => Math.ceil((maxSeconds + 1) * own));
  const mono = mixToMono(recording);
  if (mono.length > maxSeconds * recording.sampleRate) {
    throw new SampleError({
      expected: `a recording of at most ${maxSeconds} seconds`,
      received: 'a longer one',
      hint: 'Raise maxSeconds, or cut it into parts.',
    });
  }
  return resample(mono, recording.sampleRate, rate);
}
