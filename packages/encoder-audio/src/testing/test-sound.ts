export type SoundKind = 'mixed' | 'clipped' | 'quiet' | 'constant' | 'click';

/** The sounds of tools/parity/audio_features.py, to the bit: its operations are exact. */
export function testSound(kind: SoundKind, length: number): Float32Array {
  const samples = new Float32Array(length);
  let state = 1;
  let phase = 0;
  for (let n = 0; n < length; n++) {
    state = (state * 16807) % 2147483647;
    const noise = state / 2147483647 - 0.5;
    phase = (phase + 0.005 + (n % 50000) * 0.000008) % 1;
    const wave = 4 * (2 * phase - 1) * (1 - Math.abs(2 * phase - 1));
    const value = {
      mixed: (n % 7000 < 5000 ? wave * 0.4 + noise * 0.05 : 0) + noise * 0.001 + 0.01,
      clipped: noise * 6,
      quiet: noise * 0.0002,
      constant: 0.25,
      click: n === Math.floor(length / 3) ? 1 : 0,
    }[kind];
    samples[n] = Math.min(Math.max(Math.floor(value * 32768 + 0.5), -32768), 32767) / 32768;
  }
  return samples;
}
