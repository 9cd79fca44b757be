import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { openManifest } from '../manifest/open-manifest';
import { pictureViewer, soundViewer, writeInspection } from '../page';
import { splitManifest } from '../split/split-manifest';
import { temporaryFolder } from '../testing/temporary-folder';
import { imbalance } from './imbalance';
import { inspectManifest } from './inspect-manifest';
import { inspectionText } from './inspection-text';
import { lengthSummary } from './length-summary';

const picture = (width: number, background: string) =>
  sharp({ create: { width, height: 10, channels: 3, background } })
    .png()
    .toBuffer();

/** A sine of `seconds`, 16-bit mono at 8 kHz. */
function wave(seconds: number): Uint8Array {
  const count = 8000 * seconds;
  const file = Buffer.alloc(44 + 2 * count);
  file.write('RIFF', 0);
  file.writeUInt32LE(36 + 2 * count, 4);
  file.write('WAVEfmt ', 8);
  for (const [value, at, size] of [
    [16, 16, 4],
    [1, 20, 2],
    [1, 22, 2],
    [8000, 24, 4],
    [16000, 28, 4],
    [2, 32, 2],
    [16, 34, 2],
  ]) {
    // prettier-ignore
    file.writeUIntLE(value, at, size);
  }
  file.write('data', 36);
  file.writeUInt32LE(2 * count, 40);
  for (let n = 0; n < count; n++) file.writeInt16LE(Math.round(9000 * Math.sin(n)), 44 + 2 * n);
  return file;
}

const long = 'a review that is long enough to be no coincidence';

async function products() {
  const red = await picture(20, 'red');
  const folder = temporaryFolder({
    't.csv': [
      'photo,sound,note,label,price,fold',
      'a.png,s.wav,hi,x,1,train',
      'b.png,,hi,x,2,train', // the picture of a.png under another name
      `,,${long},x,3,train`,
      `,t.wav,${long},y,6,test`,
      'b.png,s.wav,hi,x,1,train',
      'c.png,,,y,8,test', // damaged
      'lost.png,,,x,9,test',
    ].join('\n'),
    'a.png': red,
    'b.png': red,
    'c.png': red.subarray(0, 60),
    's.wav': wave(0.5),
    't.wav': wave(1), // prettier-ignore
  });
  return openManifest(join(folder, 't.csv'), {
    slots: { photo: 'photo', sound: 'sound', note: 'note' },
    targets: { label: 'label', price: { column: 'price', as: 'number' } },
    onError: 'skip',
  });
}

describe('inspectManifest', () => {
  it('counts what is there, twice, in two parts, or unreadable', async () => {
    const manifest = await products();
    const parts = await (await splitManifest(manifest, { column: 'fold' })).of(manifest);
    const viewers = { photo: pictureViewer, sound: soundViewer };
    const inspection = await inspectManifest(parts, { viewers, examples: 6 });
    expect(inspection.parts).toEqual({ train: 4, test: 2 });
    expect(inspection.combinations).toEqual({
      counts: { 'photo+sound+note': 2, note: 1, photo: 1, 'photo+note': 1, 'sound+note': 1 },
      imbalance: 0.5,
    });
    const { photo, sound, note } = inspection.modalities;
    expect([photo.present, sound.present, note.present]).toEqual([4, 3, 5]);
    expect(photo.lengths.find(({ unit }) => unit === 'pixels wide')).toMatchObject({ count: 3, least: 20, most: 20 });
    expect(sound.lengths.find(({ unit }) => unit === 'seconds')).toMatchObject({ least: 0.5, median: 0.5, most: 1 });
    expect(note.lengths).toEqual([lengthSummary([2, 2, long.length, 2, long.length], 'letters')]);
    expect(inspection.targets.label.classes).toEqual({ counts: { x: 4, y: 2 }, imbalance: 0.5 });
    expect(inspection.targets.price.values).toMatchObject({ least: 1, most: 8, mean: 3.5 });
    expect(inspection.duplicates.count).toBe(1);
    expect(inspection.duplicates.first[0].places.map((place) => place.replace(/^.*, /, ''))).toEqual([
      'line 2',
      'line 6',
    ]);
    expect(inspection.leaks.first.map(({ slot, count, parts: own }) => [slot, count, own])).toEqual([
      ['note', 2, ['train', 'test']],
    ]); // prettier-ignore
    expect(inspection.unreadable.first.map(({ message }) => message)[0]).toMatch(/line 7, photo: .*decoded/);
    expect(inspection.badRows.count).toBe(1);
    expect(inspection.examples).toHaveLength(5);

    const text = inspectionText(inspection);
    expect(text).toMatch(/photo\s+4\s+66\.7 %/);
    expect(text).toMatch(/imbalance \(max − min\) \/ max: 40\.0 %; the guide is at most 15 %/);
    expect(text).toMatch(/duplicates: 1\n.*line 2 = .*line 6/);

    const page = join(temporaryFolder(), 'page.html');
    await writeInspection(page, inspection);
    const html = readFileSync(page, 'utf8');
    expect(html.match(/src="data:image\/png;base64,iVBOR/g)).toHaveLength(6); // three photographs and three spectrograms
    expect(html).not.toMatch(/<script|https?:/);
    expect(html).toContain(long);
  });

  it('counts labels of spans and of lists, answers, and letters of texts that are to be written, and takes none of them for classes', async () => {
    const rows = Array.from({ length: 8 }, (_, row) => ({
      note: 'Ada went to London.',
      spans:
        row % 2
          ? [
              { start: 0, end: 3, label: 'person' },
              { start: 12, end: 18, label: 'place' },
            ]
          : [],
      labels: ['x', 'y'].slice(row % 2),
      boxes: row % 2 ? [{ box: [1, 2, 3, 4], label: 'cup' }] : [],
      answers: row ? { text: ['London'], answer_start: [12] } : { text: [], answer_start: [] },
      said: `the words of row ${row}`,
    }));
    const folder = temporaryFolder({ 't.jsonl': rows.map((row) => JSON.stringify(row)).join('\n') });
    const targets = Object.fromEntries(['spans', 'labels', 'answers', 'said', 'boxes'].map((name) => [name, name]));
    const manifest = await openManifest(join(folder, 't.jsonl'), { slots: { note: 'note' }, targets });
    const inspection = await inspectManifest(manifest);
    const { spans, labels, answers, said, boxes } = inspection.targets;
    expect(boxes.labels?.counts).toEqual({ cup: 4 });
    expect(boxes.lengths).toMatchObject([{ unit: 'boxes in a sample', least: 0, most: 1 }]);
    expect(spans.labels?.counts).toEqual({ person: 4, place: 4 });
    expect(spans.lengths).toMatchObject([
      { unit: 'spans in a sample', mean: 1 },
      { count: 8, least: 3, most: 6 },
    ]);
    expect(labels.labels?.counts).toEqual({ y: 8, x: 4 });
    expect(answers.lengths).toMatchObject([
      { count: 8, least: 0, most: 1 },
      { count: 7, least: 6, most: 6 },
    ]);
    expect(said.lengths).toMatchObject([{ unit: 'letters', count: 8, least: 18 }]);
    for (const own of [spans, labels, answers, said]) expect(own.classes).toBeUndefined();
    expect(inspectionText(inspection)).toMatch(
      /target spans: 8 of 8 samples\n.*spans in a sample 0 to 2.*\n.*\n {2}of all labels\n {2}person +4 +50\.0 %/,
    );
    const page = join(temporaryFolder(), 'page.html');
    await writeInspection(page, inspection);
    expect(readFileSync(page, 'utf8')).not.toContain('[object Object]');
  });

  it('says of each column who reads it, and what of that may not be meant', async () => {
    const rows = Array.from({ length: 30 }, (_, row) => {
      const note = row < 10 ? `a note, the ${row}th of them` : '';
      return `K${row},jumper ${row * 7} of wool,EUR,${note},${row % 3},shop ${row % 2},`;
    });
    const folder = temporaryFolder({
      't.csv': `sku,title,currency,note,size,shop,nothing\n${rows.map((row) => row.replace(/(a note), (.*of them)/, '"$1, $2"')).join('\n')}\n`,
    });
    const manifest = await openManifest(join(folder, 't.csv'), {
      slots: { title: 'title', note: 'note', row: { columns: ['currency', 'sku'] } },
      id: 'sku',
    });
    const { columns } = await inspectManifest(manifest, { readElsewhere: { shop: ['split'] } });
    expect(columns.map(({ column, kind, present, readBy, remark }) => [column, kind, present, readBy, remark])).toEqual(
      [
        ['sku', 'id', 30, ['slot row', 'id'], 'read, and names rows: it tells nothing of others'],
        ['title', 'text', 30, ['slot title'], undefined],
        ['currency', 'constant', 30, ['slot row'], 'read, and tells nothing: each cell is "EUR"'],
        ['note', 'text', 10, ['slot note'], 'mostly empty: 20 of 30 cells'],
        ['size', 'number', 30, [], 'nothing reads it'],
        ['shop', 'category', 30, ['split'], undefined],
        ['nothing', 'empty', 0, [], undefined],
      ],
    );
    const text = inspectionText(await inspectManifest(manifest));
    expect(text).toMatch(/^ {2}note {6}text {6}10 of 30 {2}slot note; mostly empty: 20 of 30 cells$/m);
  });

  it('reads files without viewers too, and takes one manifest or several', async () => {
    const inspection = await inspectManifest(await products(), { examples: 0 });
    expect(inspection.unreadable.count).toBe(0);
    expect(inspection.modalities.photo.lengths.map(({ unit }) => unit)).toEqual(['bytes']);
    await expect(inspectManifest({})).rejects.toThrow(/a manifest, or the parts of one/);
    await expect(inspectManifest(await products(), { viewer: {} } as object)).rejects.toThrow(/"viewers"/);
  });
});

describe('a spectrogram', () => {
  it('is brightest where a tone lies, low tones below', async () => {
    const view = await soundViewer.view(wave(0.5)); // sin(n) at 8 kHz: 1273 Hz
    const { data, info } = await sharp(await view.preview())
      .greyscale()
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([50, 64]);
    const column = Array.from({ length: 64 }, (_, row) => data[row * info.width + 25]);
    const mel = (hertz: number) =>
      hertz < 1000 ? (3 * hertz) / 200 : 15 + Math.log(hertz / 1000) / (Math.log(6.4) / 27);
    const expected = 64 - 65 * (mel(1273) / mel(8000)); // the centre of band i of 64 is (i + 1) / 65 of the way
    expect(Math.abs(column.indexOf(Math.max(...column)) - expected)).toBeLessThan(1.5);
  });
});

describe('imbalance', () => {
  it('is (max − min) / max', () => {
    expect(imbalance({ a: 100, b: 85 })).toBeCloseTo(0.15);
    expect([imbalance({ a: 3, b: 3 }), imbalance({ a: 3, b: 0 }), imbalance({}), imbalance({ a: 0 })]).toEqual([
      0, 1, 0, 0,
    ]);
  });
});
