import { RandomKey } from '@polymodal/core';
import { audioProcessor } from '@polymodal/encoder-audio';
import { gain, specAugment } from '@polymodal/encoder-audio/augment';
import { textProcessor } from '@polymodal/encoder-text';
import { deleteWords } from '@polymodal/encoder-text/augment';
import { imageProcessor } from '@polymodal/encoder-vision';
import { flip, mixUp } from '@polymodal/encoder-vision/augment';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { augmentedSection } from './augmented-section';

const setup = { slot: 's', savedFile: () => undefined };
const processors = {
  photo: imageProcessor.create(imageProcessor.config.parse({ imageSize: 8 }), setup),
  voice: audioProcessor.create(audioProcessor.config.parse({ numMelBins: 8 }), setup),
  note: textProcessor.create(textProcessor.config.parse({}), setup),
};
const photo = { data: Uint8Array.of(255, 0, 0, 0, 0, 255), width: 2, height: 1, channels: 3 };
const samples = [
  { note: 'one <two> three' },
  { photo },
  { photo, voice: { samples: RandomKey.from(1).normal(4000), sampleRate: 16_000 } },
];

const data = { length: samples.length, get: (index: number) => samples[index] };

const pictures = (html: string) => [...html.matchAll(/base64,([^"]+)"/g)].map(([, png]) => Buffer.from(png, 'base64'));

describe('augmentedSection', () => {
  it('shows values as they are and as they are changed', async () => {
    const augment = {
      photo: [flip({ probability: 1 }), mixUp()],
      voice: [gain(), specAugment()],
      note: [deleteWords({ share: 1 })],
    };
    const { html } = await augmentedSection(processors, augment, data, { variants: 2 });
    expect(html).toContain('photo: flip, mix-up');
    expect(html).toContain('one &lt;two&gt; three');
    const shown = pictures(html);
    expect(shown).toHaveLength(3 * (2 + 1)); // two photographs and a recording
    const pixels = await Promise.all(shown.slice(0, 2).map((png) => sharp(png).raw().toBuffer()));
    expect([...pixels[0]]).toEqual([...photo.data]);
    expect([...pixels[1]]).toEqual([0, 0, 255, 255, 0, 0]);
    expect(shown[7].equals(shown[6])).toBe(false);
    const again = await augmentedSection(processors, augment, data, { variants: 2 });
    expect(again.html).toBe(html);
  });
});
