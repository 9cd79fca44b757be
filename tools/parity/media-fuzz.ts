// Reads the files of media_fuzz.py, which runs this: node tools/run.mjs tools/parity/media-fuzz.ts <folder>
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Features, PolymodalError } from '../../packages/core/src';
import { decodeAudio } from '../../packages/encoder-audio/src';
import { ImageProcessor, imageOptions, imageRecipe } from '../../packages/encoder-vision/src';
import { pretrainedImageProcessor } from '../../packages/encoder-vision/src/pretrained';

interface Reading {
  readonly shape: readonly number[];
  /** What there is to know beside the values: the sample rate. */
  readonly about: unknown;
  readonly values: Float32Array | Uint8Array;
}

const pretrained = pretrainedImageProcessor({
  image_processor_type: 'ViTImageProcessor',
  do_resize: false,
  do_rescale: false,
  do_normalize: false,
});

function bytesOf({ pixelValues }: Features, scale: number): Reading {
  return {
    shape: pixelValues.shape,
    about: null,
    values: Uint8Array.from(pixelValues.data, (value) => Math.round(scale * value)),
  };
}

const readers = {
  async sound(bytes: Uint8Array): Promise<Reading> {
    const { channels, sampleRate } = await decodeAudio(bytes);
    const frames = channels[0].length;
    const values = new Float32Array(frames * channels.length);
    channels.forEach((channel, c) => {
      for (let frame = 0; frame < frames; frame++) values[frame * channels.length + c] = channel[frame];
    });
    return { shape: [frames, channels.length], about: sampleRate, values };
  },
  /** As transformers reads it. */
  async picture(bytes: Uint8Array): Promise<Reading> {
    return bytesOf(await pretrained.process(bytes), 1);
  },
  /** Over a background, at its own size. */
  async laid(bytes: Uint8Array): Promise<Reading> {
    const { shape } = (await pretrained.process(bytes)).pixelValues;
    const options = imageOptions.parse({ imageSize: [shape[0], shape[1]], mean: 0, std: 1, background: [200, 30, 90] });
    return bytesOf(await new ImageProcessor(imageRecipe(options)).process(bytes), 255);
  },
};

const folder = process.argv[2];
const kinds: (keyof typeof readers)[] = JSON.parse(readFileSync(join(folder, 'kinds.json'), 'utf8'));
const outcomes: unknown[] = [];
const logged = console.error;
console.error = () => {}; // decoders complain of damaged files
for (const [index, kind] of kinds.entries()) {
  writeFileSync(join(folder, 'current'), String(index)); // the one that hangs, if one does
  const started = performance.now();
  try {
    const { values, ...reading } = await readers[kind](readFileSync(join(folder, `${index}.in`)));
    writeFileSync(join(folder, `${index}.out`), values);
    outcomes.push(reading);
  } catch (error) {
    outcomes.push(PolymodalError.isInstance(error) ? { refused: error.message } : { crash: String(error) });
  }
  const took = performance.now() - started;
  if (took > 3000) outcomes[index] = { crash: `took ${Math.round(took)} ms` };
}
console.error = logged;
writeFileSync(join(folder, 'outcomes.json'), JSON.stringify(outcomes));
