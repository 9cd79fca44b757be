const zeroCrossings = 12;
const stepsPerCrossing = 256;
const kernel = windowedSinc();

/**
 * Band-limited interpolation (Smith 1984): `samples` at rate `from` as they sound at rate `to`. Rates may be any
 * positive numbers, so that it changes the speed too.
 */
export function resample(samples: Float32Array, from: number, to: number): Float32Array {
  if (from === to) return samples;
  const ratio = to / from;
  const cutoff = Math.min(1, ratio); // below the lower of the two Nyquist frequencies
  const reach = zeroCrossings / cutoff;
  const output = new Float32Array(Math.max(1, Math.round(samples.length * ratio)));
  const steps = cutoff * stepsPerCrossing;
  for (let i = 0; i < output.length; i++) {
    const centre = i / ratio;
    const first = Math.max(0, Math.ceil(centre - reach));
    const last = Math.min(samples.length - 1, Math.floor(centre + reach));
    let sum = 0;
    for (let j = first; j <= last; j++) {
      const distance = j < centre ? centre - j : j - centre;
      sum += samples[j] * kernel[(distance * steps + 0.5) | 0]; // the nearest step; |0 is far faster than Math.round
    }
    output[i] = sum * cutoff;
  }
  return output;
}

/** The right half of a sinc under a Hann window. */
function windowedSinc(): Float32Array {
  return Float32Array.from({ length: zeroCrossings * stepsPerCrossing + 1 }, (_, i) => {
    const x = (Math.PI * i) / stepsPerCrossing;
    return (i === 0 ? 1 : Math.sin(x) / x) * Math.cos(x / (2 * zeroCrossings)) ** 2;
  });
}
