import type { RandomKey } from '@polymodal/core';
import type { AudioDegradation } from '../degradation';
import type { Utterance } from './utterance';

/** How a noise is called in the recipe. */
export type NoiseKind = keyof AudioDegradation['noise'];

/** Voices that babble at the same time. */
const babblers = 4;

/** `length` samples of a noise, of any level. Babble is made of `others`, each in a loop from a random start. */
export function makeNoise(kind: NoiseKind, length: number, others: readonly Utterance[], key: RandomKey): Float32Array {
  if (kind === 'white') return key.normal(length);
  if (kind === 'pink') return pinken(key.normal(length));
  const sum = new Float32Array(length);
  for (let n = 0; n < babblers; n++) {
    const voice = key.fold(n);
    const { samples } = others[voice.fold('who').integer(0, others.length)];
    const start = voice.fold('start').integer(0, samples.length);
    for (let i = 0; i < length; i++) sum[i] += samples[(start + i) % samples.length];
  }
  return sum;
}

/** Makes white noise fall by 3 dB an octave (Paul Kellet's economy filter). */
function pinken(white: Float32Array): Float32Array {
  let [low, middle, high] = [0, 0, 0];
  return white.map((value) => {
    low = 0.99765 * low + 0.099046 * value;
    middle = 0.963 * middle + 0.2965164 * value;
    high = 0.57 * high + 1.0526913 * value;
    return low + middle + high + 0.1848 * value;
  });
}
