/** What follows a recording that is too short: itself and zeros after its last whole repetition, itself alone, or zeros. */
export const fillings = ['repeatpad', 'repeat', 'pad'] as const;

/** A recording of at most `length` samples, made that long (HF `ClapFeatureExtractor._get_input_mel`). */
export function fillUp(samples: Float32Array, length: number, filling: (typeof fillings)[number]): Float32Array {
  const whole = Math.floor(length / samples.length) * samples.length;
  const end = { repeatpad: whole, repeat: length, pad: samples.length }[filling];
  const filled = new Float32Array(length);
  for (let at = 0; at < end; at += samples.length) filled.set(samples.subarray(0, end - at), at);
  return filled;
}
