import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, composeModel, createRegistry, type Sample, SampleError } from '@polymodal/core';
import { text } from '@polymodal/encoder-text';
import { vision } from '@polymodal/encoder-vision';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import { type Dataset, evaluate, train } from '@polymodal/trainer';
import sharp from 'sharp';
import { describe, expect, it, vi } from 'vitest';
import { RowGroupReader } from '../parquet/row-group-reader';
import type { Table } from '../table/table';
import { fixture } from '../testing/read-by-python';
import { temporaryFolder } from '../testing/temporary-folder';
import type { Manifest } from './manifest';
import { openManifest } from './open-manifest';
import { samplesBySource } from './samples-by-source';
import { weightedSamples } from './weighted-samples';

function open(
  csv: string,
  options: Omit<Parameters<typeof openManifest>[1], 'slots'> & { slots?: object } = {},
  files = {},
) {
  const folder = temporaryFolder({ 'm/t.csv': csv, 'm/a.png': 'a', 'm/sub/b.JPG': 'b', 'outside.png': 'o', ...files });
  const slots = { photo: 'photo', note: 'note', ...options.slots } as Record<string, string>;
  return openManifest(join(folder, 'm/t.csv'), { ...options, slots });
}

async function samples(manifest: Manifest): Promise<Sample[]> {
  const all: Sample[] = [];
  for await (const sample of manifest) all.push(sample);
  return all;
}

describe('openManifest', () => {
  it('makes a sample of each row: files by absolute paths, empty cells left out', async () => {
    const manifest = await open('photo,note,price\na.png, hi ,1.50\n,ho,\nsub/b.JPG,"  ",2\n', {
      targets: { price: { column: 'price', as: 'number' } },
    });
    const folder = manifest.table.folder(0);
    expect(await samples(manifest)).toEqual([
      { photo: join(folder, 'a.png'), note: ' hi ', targets: { price: 1.5 } },
      { note: 'ho' },
      { photo: join(folder, 'sub/b.JPG'), targets: { price: 2 } },
    ]);
    expect(manifest.where(2)).toMatch(/t\.csv, line 4$/);
    await expect(manifest.get(3)).rejects.toThrow(/an index from 0 to 2/);
  });

  it('reads of files within a table only whether they are there, unless somebody is to look at them, or takes them for texts', async () => {
    const asked: (readonly number[])[] = [];
    const table: Table = {
      name: 'shards',
      columns: ['jpg', 'html', 'id'],
      length: 1,
      remarks: [],
      read: async (_, unread = new Set()) => {
        asked.push([...unread]);
        return [Uint8Array.of(1), new TextEncoder().encode('<p>'), 'a'];
      },
      folder: () => '/',
      where: () => 'row',
    };
    const slots = { photo: 'jpg', page: { column: 'html', as: 'text' } } as const;
    const manifest = await openManifest(table, { slots, targets: { name: 'id' } });
    expect(asked).toEqual([[0, 1, 2], [0]]); // to see what columns are, and of each row
    expect(await manifest.get(0)).toEqual({ photo: Uint8Array.of(1), page: '<p>', targets: { name: 'a' } });
    asked.length = 0;
    await openManifest(table, { slots, check: () => {} });
    expect(asked).toEqual([[0, 1, 2], []]);
    asked.length = 0;
    await openManifest(table, { slots, fetch: async () => 'never', fetchFirst: true });
    expect(asked).toEqual([[0, 1, 2], [0]]);
  });

  it('refuses a bad row by its line and column, or leaves it out and counts it', async () => {
    const csv =
      'photo,note,price\na.png,x,1\nlost.png,x,2\n,,3\na.png,x,"1,5"\na.png,x\na.png,y,NA\n../outside.png,y,1\n,z,7\n';
    const targets = { price: { column: 'price', as: 'number' as const } };
    await expect(open(csv, { targets })).rejects.toThrow(/line 3, column "photo": .*"lost.png".*more faults.*line 4/s);
    const manifest = await open(csv, { targets, onError: 'skip' });
    expect((await samples(manifest)).map(({ targets }) => targets?.price)).toEqual([1, 7]);
    expect(manifest.faults.count).toBe(6);
    const told = manifest.faults.first.map(({ message }) => message);
    expect(told[1]).toMatch(/line 4: expected a value in at least one of photo, note/);
    expect(told[2]).toMatch(/line 5, column "price": expected a number, received "1,5".*decimal: ","/);
    expect(told[3]).toMatch(/line 6: expected 3 cells/);
    expect(told[4]).toMatch(/line 7.*missing: \["NA"\]/);
    expect(told[5]).toMatch(/line 8.*expected a path within .*root: "\.\."/);
    const german = await open(csv, {
      targets: { price: { ...targets.price, decimal: ',' } },
      missing: ['NA'],
      onError: 'skip',
    });
    expect(german.faults.first.map(({ where }) => where).join()).not.toMatch(/line 5/);
    const above = await open('photo,note\nm/a.png,\noutside.png,\n', { root: '..' });
    expect(above.length).toBe(2);
    await expect(open('photo,note\n,\n', { onError: 'skip' })).rejects.toThrow(SampleError); // none is left
  });

  it('refuses integers beyond 2^53 as numbers and in JSON, and a name twice, but no text of them', async () => {
    const csv = `photo,note\n,9007199254740993\n,9.007.199.254.740.993\n,"{""a"": [9007199254740993]}"\n,"{""a"": 1, ""a"": 2}"\n,9007199254740991\n`;
    const faults = async (as: 'number' | 'json', decimal: '.' | ',' = '.') => {
      const note = as === 'number' ? { column: 'note', as, decimal } : { column: 'note', as };
      const manifest = await open(csv, { slots: { note } as object, onError: 'skip' });
      return manifest.faults.first.map(({ message }) => message);
    };
    expect((await faults('number'))[0]).toMatch(/line 2, column "note": expected a number.*2\^53.*as: "text"/);
    expect((await faults('number', ','))[1]).toMatch(/line 3.*2\^53/);
    const json = await faults('json');
    expect(json[0]).toMatch(/line 2, column "note": expected integers up to 2\^53/);
    expect(json[2]).toMatch(/line 4, column "note": expected integers up to 2\^53/);
    expect(json[3]).toMatch(/line 5, column "note": expected JSON with every name once/);
    const texts = await open(csv, { slots: { note: { column: 'note', as: 'text' } } as object });
    expect((await texts.get(0)).note).toBe('9007199254740993');
  });

  it('names the nearest column, and refuses what is no option', async () => {
    await expect(open('photo,note\n,x\n', { slots: { photo: 'foto' } })).rejects.toThrow(
      /slots\.photo: .*"foto".*"photo"/,
    );
    await expect(open('photo,note\n,x\n', { id: 'key' })).rejects.toThrow(ConfigError);
    await expect(open('photo,note\n,x\n', { onerror: 'skip' } as object)).rejects.toThrow(/onError/);
    await expect(open('photo,note\n,x\n', { slots: { meta: 'note' } })).rejects.toThrow(/"targets" and "meta"/);
    await expect(open('photo,note\na.png,x\nhello,y\n')).rejects.toThrow(/2 cells 1 name pictures.*as: "file"/);
  });

  it('finds files whose names are written otherwise, and suggests the nearest where it is another', async () => {
    const files = { [`m/${'é.png'.normalize('NFD')}`]: 'e' };
    const manifest = await open(`photo,note\n"${'é.png'.normalize('NFC')}",\nsub\\b.JPG,\n`, {}, files);
    expect(
      (await samples(manifest)).map(({ photo }) => String(photo).replace(`${manifest.table.folder(0)}/`, '')),
    ).toEqual(['é.png'.normalize('NFD'), 'sub/b.JPG']);
    await expect(open('photo,note\nA.png,\n')).rejects.toThrow(/Did you mean "a.png"/);
  });

  it.skipIf(process.platform === 'win32')('follows links to files, and takes no pipe or folder for one', async () => {
    const folder = temporaryFolder({ 't.csv': 'photo\nlink.png\npipe.png\nfolder.png\n', 'real.png': 'r' });
    symlinkSync(join(folder, 'real.png'), join(folder, 'link.png'));
    mkdirSync(join(folder, 'folder.png'));
    spawnSync('mkfifo', [join(folder, 'pipe.png')]);
    const manifest = await openManifest(join(folder, 't.csv'), { slots: { photo: 'photo' }, onError: 'skip' });
    expect([manifest.length, manifest.faults.count]).toEqual([1, 2]);
  });

  it('tells of paths that are none, without an error of its own', async () => {
    const csv = 'photo,note\nfile://elsewhere/x.png,\nhttp://.png,\na\0.png,\n';
    const bad = csv.replace('\0', 'x'.repeat(300));
    const manifest = await open(`${bad}a.png,\n`, {
      onError: 'skip',
      slots: { photo: { column: 'photo', as: 'file' } },
    });
    expect([manifest.length, manifest.faults.count]).toEqual([1, 3]);
  });

  it('fetches an address when its sample is asked for, and asks how where nothing says so', async () => {
    const csv = 'photo,note\nhttps://a.example/x.png?size=2,\n';
    await expect(open(csv)).rejects.toThrow(/a\.example.*fetch/);
    const asked: string[] = [];
    const fetch = async (url: string) => {
      asked.push(url);
      return '/cache/x';
    };
    const manifest = await open(csv, { fetch });
    expect(asked).toEqual([]);
    expect(await manifest.get(0)).toEqual({ photo: '/cache/x' });
    expect(asked).toEqual(['https://a.example/x.png?size=2']);
    const broken = await open(csv, { fetch: async () => Promise.reject(new Error('no network')) });
    await expect(broken.get(0)).rejects.toThrow(/line 2: .*no network/);
  });

  it('reads lists of files, values in JSON, flags and objects of several columns', async () => {
    const line = {
      photo: ['a.png', 'data:image/png;base64,AAEC'],
      yes: 'No',
      doc: '[{"note":"x"}]',
      n: 3,
      name: 'N',
      gap: null,
    };
    const folder = temporaryFolder({ 't.jsonl': `${JSON.stringify(line)}\n`, 'a.png': 'a' });
    const manifest = await openManifest(join(folder, 't.jsonl'), {
      slots: { photo: 'photo', note: { column: 'doc', as: 'json' }, facts: { columns: ['n', 'name', 'gap'] } },
      targets: { yes: { column: 'yes', as: 'flag' }, n: { column: 'n', as: 'text' } },
    });
    expect(await manifest.get(0)).toEqual({
      photo: [join(folder, 'a.png'), Uint8Array.of(0, 1, 2)],
      note: [{ note: 'x' }],
      facts: { n: 3, name: 'N' },
      targets: { yes: false, n: '3' },
    });
  });

  it('knows a sample again by its column, or by what is in its row, wherever that stands', async () => {
    const first = await open('photo,note,id\na.png,x,7\n,y,8\n', { id: 'id' });
    expect(await Promise.all([0, 1].map((index) => first.id(index)))).toEqual(['7', '8']);
    const [one, two] = await Promise.all(
      ['photo,note\na.png,x\n,y\n', 'note,photo\ny,\nnew,\nx,a.png\n'].map((csv) => open(csv)),
    );
    expect(await one.id(0)).toBe(await two.id(2));
    expect(await one.id(1)).toBe(await two.id(0));
    expect(await one.id(0)).not.toBe(await one.id(1));
    expect(await two.select([2, 0]).get(1)).toEqual({ note: 'y' });
  });

  it('is what train, evaluate and predict take, and says which file cannot be decoded where it is asked to look', async () => {
    const picture = (channel: string) =>
      sharp({ create: { width: 8, height: 8, channels: 3, background: channel } })
        .png()
        .toBuffer();
    const files = { 'm/r.png': await picture('red'), 'm/g.png': await picture('green') };
    const csv = 'photo,note,colour\nr.png,red,red\ng.png,,green\n,green,green\nr.png,,red\n';
    const model = composeModel(createRegistry([text, vision, fusion, heads]), {
      hiddenSize: 8,
      encoders: {
        photo: { use: 'vit', imageSize: 8, patchSize: 4, numHiddenLayers: 1, numAttentionHeads: 2 },
        note: { use: 'transformer', maxLength: 8, numHiddenLayers: 1, numAttentionHeads: 2 },
      },
      fusion: { use: 'masked-transformer', numHiddenLayers: 1, numAttentionHeads: 2 },
      heads: { colour: { use: 'classification', labels: ['red', 'green'] } },
    });
    const check = (sample: Sample) => model.prepare(sample, { training: false }, 'sample');
    await expect(open(`${csv}a.png,x,red\n`, { targets: { colour: 'colour' }, check }, files)).rejects.toThrow(
      /line 6.*photo/,
    );
    const data = await open(csv, { targets: { colour: 'colour' }, check }, files);
    await train(model, { data, steps: 1, progress: false });
    expect((await evaluate(model, data)).colour.count).toBe(4);
    expect(await model.predict(data)).toHaveLength(4);
    await expect(
      train(model, {
        data: await open('photo,note,colour\n,x,rd\n', { targets: { colour: 'colour' } }),
        steps: 1,
        progress: false,
      }),
    ).rejects.toThrow(/sample 0.*colour.*"red"/);
  });
});

describe('Parquet that does not fit in memory', () => {
  it('is read once an epoch, block by block, where a training asks it for its blocks', async () => {
    const manifest = await openManifest(fixture('paged.parquet'), {
      slots: { note: { column: 'text', as: 'text' } },
      targets: { kind: 'kind' },
      onError: 'skip', // every seventh row has no text
      parquet: { cacheBytes: 2 ** 15 },
    });
    const blocks = manifest.table.blocks!.bytes.length;
    expect(manifest.blocks?.atOnce).toBeLessThan(blocks);
    const odd = manifest.select([...Array(manifest.length).keys()].filter((index) => index % 2 === 1));
    expect(odd.blocks!.blockOf(3)).toBe(manifest.blocks!.blockOf(7));
    const read = vi.spyOn(RowGroupReader.prototype, 'read');
    const readsOf = async (data: Dataset) => {
      const model = composeModel(createRegistry([text, fusion, heads]), {
        hiddenSize: 8,
        encoders: { note: { use: 'transformer', maxLength: 16, numHiddenLayers: 1, numAttentionHeads: 2 } },
        fusion: { use: 'mean' },
        heads: { kind: { use: 'classification', labels: ['cat', 'dog', 'emu'] } },
      });
      const reads: number[] = [];
      read.mockClear();
      const onEpoch = () => void reads.push(read.mock.calls.length);
      await train(model, { data, epochs: 3, batchSize: 8, cacheBytes: 0, progress: false, onEpoch });
      return reads[2] - reads[0];
    };
    expect(await readsOf(manifest)).toBeLessThanOrEqual(2 * blocks);
    const withoutBlocks = { length: manifest.length, get: (index: number) => manifest.get(index) };
    expect(await readsOf(withoutBlocks)).toBeGreaterThan(4 * blocks);
    read.mockRestore();
  });
});

describe('samplesBySource', () => {
  it('parts samples by a column, and says by line where it says nothing', async () => {
    const csv = 'photo,note,shop\n,a,north\n,b, south \n,c,north\n';
    const { north, south, ...others } = await samplesBySource(await open(csv), 'shop');
    expect([await samples(north), await samples(south)]).toEqual([[{ note: 'a' }, { note: 'c' }], [{ note: 'b' }]]);
    expect(others).toEqual({});
    expect(north.where(1)).toMatch(/t\.csv, line 4$/);
    const failing = async (text: string, column = 'shop') => samplesBySource(await open(text), column);
    await expect(failing(csv.replace(' south ', ''))).rejects.toThrow(/line 3, column "shop".*an empty cell/);
    await expect(failing(csv, 'shops')).rejects.toThrow(/sources\.column: .*Did you mean .*"shop"/);
    const many = Array.from({ length: 65 }, (_, row) => `,a,${row}`).join('\n');
    await expect(failing(`photo,note,shop\n${many}\n`)).rejects.toThrow(/at most 64 sources/);
  });
});

describe('weightedSamples', () => {
  it('reads weights from a column, leaves out samples of weight 0, and gives what train takes', async () => {
    const csv = 'photo,note,votes\n,a,3\n,b,0\n,c,"1,5"\n,d,0.0\n';
    await expect(open(csv).then((own) => weightedSamples(own, 'votes'))).rejects.toThrow(
      /line 4, column "votes".*decimal: ","/,
    );
    const { samples: chosen, weights } = await weightedSamples(await open(csv.replace('"1,5"', '1.5')), 'votes');
    expect(await samples(chosen)).toEqual([{ note: 'a' }, { note: 'c' }]);
    expect([...weights]).toEqual([3, 1.5]);
    const german = await open('photo,note,votes\n,a,"2,5"\n');
    expect([...(await weightedSamples(german, { column: 'votes', decimal: ',' })).weights]).toEqual([2.5]);
  });

  it('says by line which weights are none, and of a column that there is not the nearest', async () => {
    const csv = 'photo,note,votes\n,a,-1\n,b,\n,c,many\n,d,2\n';
    const failing = async (text: string, column = 'votes', options = {}) =>
      weightedSamples(await open(text, options), column).then(
        () => 'no error',
        (error: Error) => `${error.name}: ${error.message}`,
      );
    const said = await failing(csv);
    expect(said).toMatch(/t\.csv, line 2, column "votes": expected a weight from 0 up, received -1/);
    expect(said).toMatch(/line 3, column "votes": expected a weight from 0 up, received an empty cell/);
    expect(said).toMatch(/line 4, column "votes": expected a number, received "many"/);
    expect(said).not.toMatch(/line 5/);
    expect(await failing('photo,note,votes\n,a,NA\n', 'votes', { missing: ['NA'] })).toMatch(/received an empty cell/);
    expect(await failing('photo,note,votes\n,a,0\n,b,0\n')).toMatch(
      /ConfigError: weights: expected a weight above 0 in column "votes", received 0 in all of 2 rows/,
    );
    expect(await failing(csv, 'vote')).toMatch(/ConfigError: weights: .*"vote".*Did you mean .*"votes"/);
  });
});
