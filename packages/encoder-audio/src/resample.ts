/** Zero crossings of the sinc on each side: 24 make a transition band of about 10 % of the narrower bandwidth. */
const zeroCrossings = 24;
/** Shape of the Kaiser window: about 86 dB of stop-band attenuation (Kaiser and Schafer 1980). */
const kaiserBeta = 8.6;
/** Cut-off as a part of the narrower Nyquist frequency, so that the transition band ends near it. */
const rolloff = 0.945;
/** Above so many phases (odd pairs of rates) the taps are computed where they are needed instead of being kept. */
const maxKeptPhases = 1024;

/**
 * Changes the sample rate of a signal by a ratio of integers, band-limited: a Kaiser-windowed sinc in polyphase form,
 * zeros beyond the ends. What `scipy.signal.resample_poly` computes with that filter.
 *
 * @returns ceil(length · to / from) samples
 */
export function resample(samples: Float32Array, from: number, to: number): Float32Array {
  if (from === to) return samples;
  const filter = filterFor(from, to);
  const { up, down, reach } = filter;
  const output = new Float32Array(Math.ceil((samples.length * up) / down));
  let centre = 0; // output n lies at n · down / up on the input's grid: at this sample …
  let phase = 0; // … and so many up-ths
  for (let n = 0; n < output.length; n++) {
    const taps = filter.taps(phase);
    const offset = centre - reach + 1;
    const first = Math.max(0, -offset);
    const last = Math.min(taps.length, samples.length - offset);
    let sum = 0;
    for (let i = first; i < last; i++) sum += samples[offset + i] * taps[i];
    output[n] = sum;
    phase += down;
    centre += Math.floor(phase / up);
    phase %= up;
  }
  return output;
}

interface PolyphaseFilter {
  readonly up: number;
  readonly down: number;
  /** Input samples to each side of the centre that an output sample depends on. */
  readonly reach: number;
  /** The 2 · reach weights of inputs centre − reach + 1 … centre + reach for a phase in [0, up). */
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
  const compute = (phase: number) => {
    const taps = Float64Array.from({ length: 2 * reach }, (_, i) =>
      windowedSinc(i - reach + 1 - phase / up, bandwidth),
    );
    const sum = taps.reduce((total, tap) => total + tap, 0);
    return taps.map((tap) => tap / sum); // a constant stays the same constant
  };
  const kept: Float64Array[] = [];
  const taps = (phase: number) => {
    if (up > maxKeptPhases) return compute(phase);
    kept[phase] ??= compute(phase);
    return kept[phase];
  };
  return { up, down, reach, taps };
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
