import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { SampleError } from '@polymodal/core';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { imageOptions } from './image-options';
import { ImageProcessor } from './image-processor';
import { imageRecipe } from './image-recipe';
import { pretrainedImageProcessor } from './preprocessing/pretrained-image-processor';
import type { RawImage } from './raw-image';
import { fixturePath, fixtureTensors } from './testing/fixture';

// Files and their pixels by tools/parity/vision_files.py; media_fuzz.py compares a thousand more.
const expected = fixtureTensors('files/pixels.safetensors');

const unchanged = { do_resize: false, do_rescale: false, do_normalize: false };
const pretrained = pretrainedImageProcessor(unchanged, { type: 'ViTImageProcessor' });
const clip = pretrainedImageProcessor({}, { type: 'CLIPImageProcessor' });
const own = (options: object) =>
  new ImageProcessor(imageRecipe(imageOptions.parse({ mean: 0, std: 1 / 255, ...options })));

function furthest(actual: ArrayLike<number>, wanted: ArrayLike<number>): number {
  expect(actual).toHaveLength(wanted.length);
  return Math.max(...Array.from(actual, (value, i) => Math.abs(value - wanted[i])));
}

/** A PNG of one colour that says how large it is, and has `rows` rows. */
function plainPng(width: number, height: number, rows: number): Uint8Array {
  const chunk = (kind: string, body: Uint8Array) => {
    const content = Buffer.concat([Buffer.from(kind), body]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(body.length);
    sum.writeUInt32BE(crc32(content));
    return Buffer.concat([length, content, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1; // one bit a pixel, grey
  const data = deflateSync(Buffer.alloc(rows * (1 + Math.ceil(width / 8))));
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

describe('a picture file', () => {
  const files = [...new Set([...expected.keys()].map((key) => key.split(' ')[0]))];

  it.each(files)('is read by both processors as Pillow reads it: %s', async (name) => {
    const { shape, data } = expected.get(`${name} picture`)!;
    const { pixelValues } = await pretrained.process(fixturePath(`files/${name}`));
    expect(pixelValues.shape).toEqual(shape);
    expect(furthest(pixelValues.data, data)).toBeLessThanOrEqual(name.endsWith('jpg') ? 2 : 0); // an inverse DCT may round otherwise
    const laid = own({ imageSize: [shape[0], shape[1]], background: [200, 30, 90] });
    const { pixelValues: own8 } = await laid.process(fixturePath(`files/${name}`));
    expect(furthest(own8.data, expected.get(`${name} laid`)!.data)).toBeLessThan(name.endsWith('jpg') ? 2.001 : 1e-4); // float32
  });

  it.each([
    ['picture.bmp', 'a file of the format BMP. Convert it first'],
    ['picture.ico', 'a file of the format ICO. Convert it first'],
    ['picture.jp2', 'a file of the format JPEG 2000 (JP2). Convert it first'],
    ['picture.ppm', 'a file of the format PNM. Convert it first'],
    ['ycbcr.tif', 'received one of YCbCr. Convert it first'],
  ])('is refused by the name of its format where that is not read: %s', async (name, message) => {
    for (const processor of [own({}), clip]) {
      const error = await processor.process(fixturePath(`files/${name}`)).catch((error) => error);
      expect(error).toBeInstanceOf(SampleError);
      expect(error.message).toContain(message);
      expect(error.where).toContain(name);
    }
  });

  it.each([
    ['gif', 'GIF'],
    ['tiff', 'TIFF'],
    ['avif', 'AVIF'],
  ] as const)('is refused where it is cut short: %s', async (format, name) => {
    const noise = Uint8Array.from({ length: 32 * 32 * 3 }, (_, index) => (index * 7919) % 251);
    const whole = await sharp(noise, { raw: { width: 32, height: 32, channels: 3 } })
      [format]()
      .toBuffer();
    await expect(pretrained.process(whole.subarray(0, whole.length / 2))).rejects.toThrow(
      `a ${name} file that can be decoded`,
    );
  });

  it('of more pixels than Pillow decodes is refused by its header', async () => {
    const bomb = plainPng(20_000, 10_000, 1);
    for (const processor of [own({}), clip]) {
      await expect(processor.process(bomb)).rejects.toThrow(
        'at most 178956970 pixels, as many as Pillow decodes, received 20000 × 10000',
      );
    }
  });

  it('that is one pixel wide costs no more than what is seen of it', async () => {
    const height = 60_000;
    const thin = plainPng(1, height, height);
    expect((await clip.process(thin)).pixelValues.shape).toEqual([224, 224, 3]); // whole it were 224 × 13,440,000
    for (const resize of ['squash', 'cover', 'contain']) {
      expect((await own({ resize }).process(thin)).pixelValues.shape).toEqual([224, 224, 3]);
    }
    const uncropped = pretrainedImageProcessor({ do_center_crop: false }, { type: 'CLIPImageProcessor' });
    await expect(uncropped.process(thin)).rejects.toThrow('1 × 60000 pixels, which become 224 × 13440000');
  });

  it('is rendered at the size that is needed by both, where it is a drawing, but no thin one at any size', async () => {
    const drawing = (width: number, height: number) =>
      Buffer.from(
        `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="2" height="${height}"/></svg>`,
      );
    const sharpEdge = pretrainedImageProcessor(
      { ...unchanged, do_resize: true, size: 64 },
      { type: 'ViTImageProcessor' },
    );
    const { pixelValues } = await sharpEdge.process(drawing(4, 4));
    const row = Array.from({ length: 64 }, (_, x) => pixelValues.data[3 * x]);
    expect(new Set(row).size).toBeLessThanOrEqual(2); // enlarged pixels would blur the edge
    expect((await clip.process(drawing(1, 1000))).pixelValues.shape).toEqual([224, 224, 3]);
  });

  it.each([
    ['filters', '<rect style="filter: blur(9px)"/>'],
    ['filters', '<svg:filter id="f"/>'],
    ['pictures in it', '<image href="data:image/png;base64,AAAA"/>'],
    ['entities', '<!ENTITY a "b">'],
  ])('is refused where it is a drawing with %s, whose cost is not to be told', async (name, part) => {
    const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4">${part}</svg>`;
    await expect(clip.process(Buffer.from(drawing))).rejects.toThrow(
      `an SVG file of shapes and text, received one with ${name}`,
    );
    const wide = Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(drawing, 'utf16le')]);
    await expect(clip.process(wide)).rejects.toThrow(`received one with ${name}`);
  });

  const nested = (element: (id: number) => string, reference: string) =>
    Array.from({ length: 12 }, (_, id) =>
      element(id + 1).replace('…', reference.replaceAll('#', `#p${id}`).repeat(10)),
    );
  const groups = nested((id) => `<g id="p${id}">…</g>`, '<use xlink:href="#"/>').join('');
  const patterns = nested((id) => `<pattern id="p${id}">…</pattern>`, '<rect fill="url(#)"/>').join('');
  const marked = '<marker id="p1"><path d="M0 0h1"/></marker>';

  it.each([
    ['groups that use one another', `<g id="p0"><rect/></g>${groups}<use href="#p12"/>`],
    [
      'the same, with an id in numbers of letters',
      `<g id="p0"/>${groups.replaceAll('"#p', '"&#35;p')}<use href="#p12"/>`,
    ],
    ['the same, among comments', `<!--<g>--><g id="p0"/>${groups}<!-- > --><use xlink:href = '#p12'/>`],
    ['patterns of patterns', `<pattern id="p0"><rect/></pattern>${patterns}<rect fill="url('#p12')"/>`],
    [
      'patterns that a style sheet names',
      `<pattern id="p0"/>${patterns}<style>.a, .b > rect { fill: url(#p12) }</style><rect class="b a"/>`,
    ],
    ['a marker at each of a million corners', `${marked}<path marker-mid="url(#p1)" d="M0 0${'h1'.repeat(1e6)}"/>`],
    [
      'a pattern in each of many shapes',
      `<pattern id="p0">${'<rect/>'.repeat(3000)}</pattern><g fill="url(#p0)">${'<rect/>'.repeat(3000)}</g>`,
    ],
    ['a text that is used ten thousand times', `<text id="p1">a</text>${'<use href="#p1"/>'.repeat(10_000)}`],
    ['a mask in each of many shapes', `<mask id="p1"/>${'<rect mask="url(#p1)"/>'.repeat(4000)}`],
    ['a group that uses itself', '<g id="p1"><use href="#p1"/></g>'],
  ])('is refused where it is a drawing that comes to far more than its file: %s', async (_, parts) => {
    const drawing = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="4" height="4">${parts}</svg>`;
    await expect(clip.process(Buffer.from(drawing))).rejects.toThrow(
      /whose references come to at most 4194304 letters/,
    );
  });

  it('may be a drawing with parts that are drawn often', async () => {
    const drawing =
      '<!DOCTYPE svg><svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><style>.a { fill: url(#p) }</style>' +
      '<linearGradient id="p"><stop stop-color="red"/></linearGradient><symbol id="s"><path d="M0 0h1v1z"/></symbol>' +
      `${'<use href="#s"/><rect class="a"/>'.repeat(2000)}<a href="#top"><g id="top"><a href="#top"/></g></a></svg>`;
    expect((await clip.process(Buffer.from(drawing))).pixelValues.shape).toEqual([224, 224, 3]);
  });

  it.skipIf(process.platform === 'win32')('is no pipe, device or folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'polymodal-picture-'));
    try {
      expect(spawnSync('mkfifo', [join(folder, 'pipe')]).status).toBe(0);
      for (const path of [join(folder, 'pipe'), '/dev/zero', folder]) {
        await expect(clip.process(path)).rejects.toThrow(SampleError);
        await expect(clip.process(path)).rejects.toThrow(/expected a file, received a (pipe|device|folder)/);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each<[string, unknown, string]>([
    ['several pictures', ['a.png', 'b.png'], 'received an array of 2. A slot of a sample holds one value'],
    ['a URL', 'https://example.org/a.png', 'received a URL (https:). Nothing is fetched. Pass the bytes'],
    ['bytes handed over', detached(new Uint8Array(9)), 'received bytes whose buffer was transferred'],
    [
      'pixels handed over',
      { data: detached(new Float32Array(9)), width: 1, height: 3, channels: 3 },
      'a copy: data.slice()',
    ],
    ['no picture', undefined, 'received nothing'],
  ])('is told from %s', async (_, raw, message) => {
    for (const processor of [own({}), clip]) {
      const error = await processor.process(raw as RawImage).catch((error) => error);
      expect(error).toBeInstanceOf(SampleError);
      expect(error.message).toContain(message);
    }
  });
});

function detached<Data extends Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>>(data: Data): Data {
  structuredClone(data, { transfer: [data.buffer] });
  return data;
}
