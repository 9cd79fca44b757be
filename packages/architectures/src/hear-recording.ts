import { SampleError } from '@polymodal/core';
import { mixToMono, type RawAudio, readRecording, resample } from '@polymodal/encoder-audio';
import * as tf from '@tensorflow/tfjs-core';

/** How {@link hearRecording} hears. */
export interface Hearing {
  /** Longer recordings are refused. */
  readonly maxSeconds: number;
  readonly signal?: AbortSignal | undefined;
}

/** So much is resampled at a time: some hundredths of a second of work. */
const secondsAtOnce = 30;

/**
 * The samples of a whole recording, mixed to mono and resampled.
 *
 * @param rate in samples a second
 * @throws SampleError for what cannot be read, is empty, or lasts more than `maxSeconds`; of that no more than a second beyond is read
 * @throws the reason of the signal, if it is aborted: before the recording is read, while it is decompressed, and while it is resampled
 */
export async function hearRecording(
  raw: RawAudio,
  rate: number,
  { maxSeconds, signal }: Hearing,
): Promise<Float32Array> {
  signal?.throwIfAborted();
  // Of a compressed file it is asked again and again how much is wanted: one sample, once it is not.
  const wanted = (own: number) => (signal?.aborted ? 1 : Math.ceil((maxSeconds + 1) * own));
  const recording = await readRecording(raw, wanted);
  await tf.nextFrame(); // lets the signal hear, since reading and resampling do not
  signal?.throwIfAborted();
  const mono = mixToMono(recording);
  if (mono.length > maxSeconds * recording.sampleRate) {
    throw new SampleError({
      expected: `a recording of at most ${maxSeconds} seconds`,
      received: 'a longer one',
      hint: 'Raise maxSeconds, or cut it into parts.',
    });
  }
  if (recording.sampleRate === rate) return mono;
  const pieces: Float32Array[] = [];
  for (let start = 0; ; start += secondsAtOnce * rate) {
    const piece = resample(mono, recording.sampleRate, rate, { start, end: start + secondsAtOnce * rate });
    pieces.push(piece);
    if (piece.length < secondsAtOnce * rate) return joined(pieces);
    await tf.nextFrame();
    signal?.throwIfAborted();
  }
}

function joined(pieces: readonly Float32Array[]): Float32Array {
  if (pieces.length === 1) return pieces[0]!;
  const all = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
