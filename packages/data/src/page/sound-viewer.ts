import {
  type LogMelConfig,
  LogMelSpectrogram,
  mixToMono,
  type Recording,
  readRecording,
  resample,
} from '@polymodal/encoder-audio';
import type { Viewer } from '../inspect/viewer';
import { picturePng } from './picture-png';

const bands = 64;
/** Frames that are shown: the beginning of a longer recording. */
const mostFrames = 480;
const sampleRate = 16_000;
const hopLength = 160;

const form: LogMelConfig = {
  sampleRate,
  fftSize: 400,
  windowLength: 400,
  hopLength,
  numMelBins: bands,
  fMin: 0,
  fMax: sampleRate / 2,
  melScale: 'slaney',
  melNorm: 'slaney',
};

/** Decodes sound with `@polymodal/encoder-audio`: seconds, Hz, and the spectrogram of the first five seconds, low tones below. */
export const soundViewer: Viewer = {
  async view(file) {
    const recording = await readRecording(file);
    const seconds = recording.channels[0].length / recording.sampleRate;
    return { lengths: { seconds, Hz: recording.sampleRate }, preview: () => spectrogramPicture(recording) };
  },
};

/** Decibels of mel bands, the loudest white, 80 dB below it black. */
export async function spectrogramPicture(recording: Recording): Promise<Uint8Array> {
  const shown = Math.ceil((recording.sampleRate * mostFrames * hopLength) / sampleRate);
  const channels = recording.channels.map((channel) => channel.subarray(0, shown));
  const samples = resample(mixToMono({ ...recording, channels }), recording.sampleRate, sampleRate);
  const frames = new LogMelSpectrogram(form).compute(samples);
  const width = frames.length / bands;
  const loudest = frames.reduce((most, value) => Math.max(most, value), -Infinity);
  const pixels = new Uint8Array(frames.length);
  frames.forEach((value, place) => {
    const [frame, band] = [Math.floor(place / bands), place % bands];
    const share = Math.max(0, 1 + (value - loudest) / 8); // 8 in log10 of power are 80 dB
    pixels[(bands - 1 - band) * width + frame] = Math.round(255 * share);
  });
  return picturePng({ data: pixels, width, height: bands, channels: 1 });
}
