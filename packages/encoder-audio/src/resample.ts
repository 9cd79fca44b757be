import { describeValue, requireArgument, SampleError } from '@polymodal/core';

/** Zero crossings of the sinc on each side: 24 make a transition band of about 10 % of the narrower bandwidth. */
const zeroCrossings = 24;
/** Shape of the Kaiser window: about 86 dB of stop-band attenuation (Kaiser and Schafer 1980). */
const kaiserBeta = 8.6;
/** Cut-off as a part of the narrower Nyquist frequency, so that the transition band ends near it. */
const rolloff = 0.945;
/** Places in a zero crossing at which the filter is known. Between them it is a straight line, off by at most 4e-7. */
const phasesPerCrossing = 1024;

/** The highest sample rate that converters offer, in Hz. */
const maxSampleRate = 768_000;
/** 2 hours and 20 minutes at 16 kHz, half a gigabyte. */
const maxLength = 2 ** 27;
/** How many times lower the new rate may be. */
const maxDecimation = 1024;

/** Which samples of a whole resampled signal are wanted. */
export interface SampleRange {
  readonly start?: number;
  readonly end?: number;
}

/**
 * Changes the sample rate of a signal by a ratio of integers, band-limited: a Kaiser-windowed sinc in polyphase form,
 * zeros beyond the ends. What `scipy.signal.resample_poly` computes with that filter.
 *
 * It takes time in proportion to what it gives (48 products a sample, or as many for a sample of the input where that is
 * longer), and at most a megabyte for the filter, whatever the rates.
 *
 * ```ts
 * const at16kHz = resample(samples, 44_100, 16_000);
 * ```
 *
 * @param range gives a part of the result without computing the rest
 * @returns ceil(length · to / from) samples, or those of the range
 * @throws SampleError for rates that are not integers from 1 to 768,000 or more than 1024 times apart, and for more than 2²⁷
 *   samples
 */
export function resample(samples: Float32Array, from: number, to: number, range: SampleRange = {}): Float32Array {
  requireArgument(samples instanceof Float32Array, 'resample', 'samples in a Float32Array', samples);
  const total = resampledLength(samples.length, from, to);
  const { start = 0, end = total } = range;
  if (from === to) return samples.subarray(start, end);
  checkCost(samples.length, from, to, end - start);
  const filter = filterFor(from, to);
  const { up, down, reach, phases } = filter;
  const output = new Float32Array(Math.max(0, Math.min(end, total) - start));
  for (let n = 0; n < output.length; n++) {
    const position = (start + n) * down; // in up-ths of an input sample
    const offset = Math.floor(position / up) - reach + 1;
    const first = Math.max(0, -offset);
    const last = Math.min(2 * reach, samples.length - offset);
    const phase = ((position % up) * phases) / up;
    const before = filter.taps(Math.floor(phase));
    let sum = 0;
    for (let i = first; i < last; i++) sum += samples[offset + i] * before[i];
    const share = phase % 1;
    if (share > 0) {
      const after = filter.taps(Math.floor(phase) + 1);
      let next = 0;
      for (let i = first; i < last; i++) next += samples[offset + i] * after[i];
      sum += share * (next - sum);
    }
    output[n] = sum;
  }
  return output;
}

/** Samples that a whole signal becomes: ceil(length · to / from). */
export function resampledLength(length: number, from: number, to: number): number {
  checkSampleRate(from);
  checkSampleRate(to);
  const divisor = greatestCommonDivisor(from, to);
  return Math.ceil((length * (to / divisor)) / (from / divisor));
}

/** How many samples of a signal the first `length` resampled ones are made of. */
export function samplesNeeded(length: number, from: number, to: number): number {
  if (from === to) return length;
  return Math.ceil((length * from) / to) + Math.ceil(zeroCrossings / Math.min(1, to / from)) + 1;
}

/** @throws SampleError for what is no sample rate */
export function checkSampleRate(sampleRate: unknown): asserts sampleRate is number {
  if (Number.isInteger(sampleRate) && (sampleRate as number) >= 1 && (sampleRate as number) <= maxSampleRate) return;
  throw new SampleError({
    expected: `a sample rate from 1 to ${maxSampleRate} Hz`,
    received: describeValue(sampleRate),
    hint: 'It is a whole number of samples a second, like 16000.',
  });
}

function checkCost(length: number, from: number, to: number, wanted: number): void {
  if (from / to > maxDecimation) {
    throw new SampleError({
      expected: `a new sample rate of at least 1/${maxDecimation} of ${from} Hz`,
      received: `${to} Hz`,
    });
  }
  if (wanted > maxLength) {
    throw new SampleError({
      expected: `a recording of at most ${maxLength} samples at ${to} Hz`,
      received: `${wanted}, of ${length} at ${from} Hz`,
      hint: 'Cut it into parts. If it is not that long, the sample rate in its header is wrong.',
    });
  }
}

interface PolyphaseFilter {
  readonly up: number;
  readonly down: number;
  /** Input samples to each side of the centre that an output sample depends on. */
  readonly reach: number;
  /** Places between two input samples at which the filter is known: all that occur, or some of them. */
  readonly phases: number;
  /** The 2 · reach weights of inputs centre − reach + 1 … centre + reach for a place in [0, phases]. */
  taps(phase: number): Float64Array;
}

const filters = new Map<string, PolyphaseFilter>();

function filterFor(from: number, to: number): PolyphaseFilter {
  const divisor = greatestCommonDivisor(from, to);
  const [up, down] = [to / divisor, from / divisor];
  const key = `${up}/${down}`;
  const filter = filters.get(key) ?? createFilter(up, down);
  if (filters.size >= 8) filters.delete(filters.keys().next().value!);
  filters.set(key, filter);
  return filter;
}

function createFilter(up: number, down: number): PolyphaseFilter {
  const bandwidth = Math.min(1, up / down); // of the output, in units of the input's
  const reach = Math.ceil(zeroCrossings / bandwidth);
  // The wider the filter, the fewer places: 2 · reach · phases is about 48 · 1024 for every ratio.
  const phases = Math.min(up, Math.ceil(phasesPerCrossing * bandwidth));
  const kept: Float64Array[] = [];
  const taps = (phase: number) => {
    kept[phase] ??= computeTaps(reach, phase / phases, bandwidth);
    return kept[phase];
  };
  return { up, down, reach, phases, taps };
}

/** @param shift of the centre, in input samples */
function computeTaps(reach: number, shift: number, bandwidth: number): Float64Array {
  const taps = Float64Array.from({ length: 2 * reach }, (_, i) => windowedSinc(i - reach + 1 - shift, bandwidth));
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return taps.map((tap) => tap / sum); // a constant stays the same constant
}

/** @param time in input samples */
function windowedSinc(time: number, bandwidth: number): number {
  const position = (time * bandwidth) / zeroCrossings; // −1 … 1 within the window
  if (Math.abs(position) >= 1) return 0;
  const window = besselI0(kaiserBeta * Math.sqrt(1 - position ** 2));
  const x = Math.PI * time * bandwidth * rolloff;
  return window * (x === 0 ? 1 : Math.sin(x) / x);
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function besselI0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
