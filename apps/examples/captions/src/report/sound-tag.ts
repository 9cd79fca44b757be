import type { Recording } from '@polymodal/example-scenes/data/scene-sample';

/** Recordings, one after the other, as a player in a page: WAV with 16 bits. */
export function soundTag(recordings: readonly Recording[]): string {
  const [{ sampleRate }] = recordings;
  const samples = recordings.flatMap((own) => [...own.samples]);
  const bytes = Buffer.alloc(44 + 2 * samples.length);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(36 + 2 * samples.length, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16); // bytes of the format
  bytes.writeUInt16LE(1, 20); // PCM
  bytes.writeUInt16LE(1, 22); // channels
  bytes.writeUInt32LE(sampleRate, 24);
  bytes.writeUInt32LE(2 * sampleRate, 28); // bytes a second
  bytes.writeUInt16LE(2, 32); // bytes a sample
  bytes.writeUInt16LE(16, 34); // bits a sample
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(2 * samples.length, 40);
  samples.forEach((value, index) => {
    bytes.writeInt16LE(Math.round(32767 * Math.max(-1, Math.min(1, value))), 44 + 2 * index);
  });
  return `<audio controls preload="none" src="data:audio/wav;base64,${bytes.toString('base64')}"></audio>`;
}
