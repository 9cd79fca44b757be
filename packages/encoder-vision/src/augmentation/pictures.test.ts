import { describe, expect, it } from 'vitest';
import { fixtureTensors } from '../testing/fixture';
import { adjustBrightness, adjustContrast, adjustSaturation } from './blend-pixels';
import type { BytePixels } from './byte-pixels';
import { randAugmentOperations } from './rand-augment';
import { turnHue } from './turn-hue';

const tensors = fixtureTensors('augmentation.safetensors');

function picture(name: string): BytePixels {
  const { data, shape } = tensors.get(name)!;
  const [height, width, channels] = shape;
  return { data: Uint8Array.from(data), width, height, channels: channels as 1 | 3 };
}

const adjustments = {
  brightness: adjustBrightness,
  contrast: adjustContrast,
  saturation: adjustSaturation,
  hue: turnHue,
};

function made(name: string): Uint8Array {
  const [of, kind, ...rest] = name.split('/');
  if (kind !== 'RandAugment') {
    return adjustments[kind as keyof typeof adjustments](picture(of), Number(rest[0])).data;
  }
  const [operation, step] = rest;
  return randAugmentOperations[operation].apply(picture(of), Number(step) / 30).data;
}

describe('pictures are changed as torchvision and Pillow change them, to the bit', () => {
  const names = [...tensors.keys()].filter((name) => name.includes('/'));
  it.each([...new Set(names.map((name) => name.split('/').slice(0, -1).join('/')))])('%s', (kind) => {
    for (const name of names.filter((own) => own.slice(0, own.lastIndexOf('/')) === kind)) {
      const { data } = tensors.get(name)!;
      const own = made(name);
      const differing = [...own.keys()].filter((at) => own[at] !== data[at]);
      expect(`${name}: ${differing.length} of ${own.length}`).toBe(`${name}: 0 of ${own.length}`);
    }
  });
});
