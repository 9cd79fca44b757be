import type { RandomKey } from '@polymodal/core';
import { resample } from '@polymodal/encoder-audio';
import { drawWeighted, meanPower, sampleRate, uniformIn } from '@polymodal/example-material';
import type { AudioDegradation } from '../degradation';
import { makeNoise } from './noise';
import type { Utterance } from './utterance';

/** Length of every degraded utterance, in samples. */
export function windowLength({ window }: AudioDegradation): number {
  return Math.round(window * sampleRate);
}

/**
 * Makes an utterance hard to understand: faster or slower, somewhere in a window of silence (cut if it is longer),
 * near or far, in noise.
 *
 * @param others who babbles, where the noise is babble
 * @returns      the window, in [−1, 1]
 */
export function degradeAudio(
  { samples }: Utterance,
  others: readonly Utterance[],
  config: AudioDegradation,
  key: RandomKey,
): Float32Array {
  const speed = config.speeds[key.fold('speed').integer(0, config.speeds.length)];
  const word = resample(samples, Math.round(100 * speed), 100);
  const length = windowLength(config);
  const wave = placeInWindow(word, length, key.fold('place'));

  const noise = makeNoise(drawWeighted(config.noise, key.fold('kind')), length, others, key.fold('noise'));
  const wordPower = meanPower(word);
  const noisePower = wordPower / decibels(uniformIn(config.signalToNoise, key.fold('ratio')));
  const noiseGain = Math.sqrt(noisePower / meanPower(noise));
  const level = Math.sqrt(decibels(uniformIn(config.level, key.fold('level'))) / wordPower);
  return wave.map((value, i) => Math.min(1, Math.max(-1, level * (value + noiseGain * noise[i]))));
}

function placeInWindow(word: Float32Array, length: number, key: RandomKey): Float32Array {
  const wave = new Float32Array(length);
  const spare = length - word.length;
  if (spare >= 0) wave.set(word, key.integer(0, spare + 1));
  else wave.set(word.subarray(key.integer(0, 1 - spare)).subarray(0, length));
  return wave;
}

/** Ratio of powers. */
function decibels(value: number): number {
  return 10 ** (value / 10);
}
