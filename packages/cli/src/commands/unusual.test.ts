import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { commandLine } from '../testing/command-line';
import { makeShop, tinyConfig } from '../testing/shop';

const shop = makeShop(30);
const polymodal = commandLine(shop.directory);
const path = (name: string) => join(shop.directory, name);

beforeAll(async () => {
  writeFileSync(path('tiny.yaml'), tinyConfig);
  expect(await polymodal('train', 'tiny.yaml')).toMatchObject({ code: 0 });
});
afterAll(() => shop.remove());

describe('parts that a column says', () => {
  it('are joined where they mean the same, and told where they mean nothing', async () => {
    const parts = ['train', 'Train', 'TRAINING', 'val', 'validation', 'dev', 'test', 'extra', 'train'];
    const rows = parts.map((part, row) => `A${row},a jumper,red,${row},${row},${part}`);
    writeFileSync(path('parts.csv'), `sku,title,colour,weight,price,part\n${rows.join('\n')}\n`);
    const own = tinyConfig
      .replace('products.csv', 'parts.csv')
      .replace(/split: .*/, 'split: { column: part }')
      .replace('runs/tiny', 'runs/parts');
    writeFileSync(path('parts.yaml'), own);
    const { code, messages } = await polymodal('train', 'parts.yaml', '--dry-run');
    expect(code).toBe(0);
    expect(messages).toContain('Samples: 4 train, 3 validation, 1 test. In no part that is used: 1 "extra".');
  });
});

describe('sources that a column says', () => {
  const rows = Array.from(
    { length: 16 },
    (_, row) => `A${row},a jumper,red,${row},${row},${row % 4 ? 'chat' : 'mail'}`,
  );
  const stages = [
    '  batchSize: 2',
    '  stages:',
    '    - { name: first, data: [mail], epochs: 1 }',
    '    - { name: second, ratios: { mail: 1, chat: 3 }, steps: 4 }',
  ];
  const own = tinyConfig
    .replace('products.csv', 'sources.csv')
    .replace(/split: .*/, 'sources: { column: kind }')
    .replace(/training: .*/, ['training:', ...stages].join('\n'))
    .replace('runs/tiny', 'runs/sources');

  it('are learned from by the stages that name them, and mixed by ratios', async () => {
    writeFileSync(path('sources.csv'), `sku,title,colour,weight,price,kind\n${rows.join('\n')}\n`);
    writeFileSync(path('sources.yaml'), own);
    const { code, messages, output } = await polymodal('train', 'sources.yaml', '--json');
    expect(messages).toContain('Sources: 4 mail, 12 chat.');
    expect([code, JSON.parse(output).steps]).toEqual([0, 2 + 4]); // four mails, two at a time, and then as many as the stage says
    const { stages: done } = JSON.parse(readFileSync(path('runs/sources/config.json'), 'utf8')).training;
    expect(done.map(({ sources }: { sources: string[] }) => sources)).toEqual([['mail'], ['mail', 'chat']]);
  });

  it('are what stages and ratios may name, and nothing else, by the line of the stage', async () => {
    const failing = async (from: string, to: string) => {
      writeFileSync(path('wrong.yaml'), own.replace(from, to).replace('runs/sources', 'runs/wrong'));
      return (await polymodal('train', 'wrong.yaml')).messages;
    };
    expect(await failing('[mail]', '[mails]')).toMatch(/line \d+, training\.stages\.0\.data\.0: .*Did you mean "mail"/);
    const line = own.split('\n').findIndex((text) => text.includes('name: second')) + 1;
    expect(await failing('chat: 3', 'chats: 3')).toContain(`line ${line}, training.stages.second.ratios`);
    expect(await failing('sources: { column: kind }', '')).toContain('expected data.sources beside it');
    expect(await failing('column: kind }', 'column: kind }\n  weights: price')).toContain('weights or sources');
  });
});

describe('files that are asked about', () => {
  it('are followed where they are links, refused where they are no UTF-8, and counted where they are neither', async () => {
    mkdirSync(path('texts/inner'), { recursive: true });
    writeFileSync(path('texts/a.txt'), 'a red jumper');
    writeFileSync(path('texts/latin.txt'), Buffer.from('größe', 'latin1'));
    writeFileSync(path('texts/empty.txt'), ' \n');
    symlinkSync(path('texts/a.txt'), path('texts/inner/b.txt'));
    symlinkSync(path('nowhere'), path('texts/broken.txt'));
    symlinkSync(path('texts'), path('texts/inner/round.txt'));
    execFileSync('mkfifo', [path('texts/pipe.txt')]);
    const { code, output, messages } = await polymodal('predict', 'runs/tiny', 'texts');
    const lines = output.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line)).map(({ input, error }) => [input, error === undefined])).toEqual([
      ['texts/a.txt', true],
      ['texts/empty.txt', false],
      ['texts/inner/b.txt', true],
      ['texts/latin.txt', false],
    ]);
    expect(code).toBe(1);
    expect(messages).toContain('texts/latin.txt: expected text in UTF-8');
    expect(messages).toMatch(/texts\/empty\.txt: .*(modality|slot)/); // as a row without any cell
    expect(messages).toContain('3 entries are no picture, sound or text, nor a link to one');
    expect(messages).toContain('2 of 4 were not answered');
  });
});

describe('values of one sample', () => {
  it.each([
    ['row=5 row.weight=3', 2, 'one value for each slot'],
    ['row.weight=3 row=5', 2, 'one value for each slot'],
    ['row.weight=3 row.weight=4', 2, 'another one: row.weight=4'],
    ['title=a title=b', 2, 'another one: title=b'],
    ['row.=3', 2, 'a slot, a column'],
    ['__proto__.x=3', 1, 'a slot of the model, received "__proto__"'],
    ['constructor=3', 1, 'a slot of the model, received "constructor"'],
    ['row.__proto__=3', 1, '"__proto__"'],
    ['title=', 1, 'modality'],
  ])('%s is refused in plain words', async (values, code, said) => {
    const came = await polymodal('predict', 'runs/tiny', ...values.split(' ').flatMap((one) => ['--value', one]));
    expect(came.messages).toContain(said);
    expect(came.code).toBe(code);
    expect(came.output).not.toContain('"answer"');
  });

  it('that are empty are missing', async () => {
    const without = await polymodal('predict', 'runs/tiny', '--value', 'title=a');
    const empty = await polymodal('predict', 'runs/tiny', '--value', 'title=a', '--value', 'row.weight=');
    expect(JSON.parse(empty.output).answer).toEqual(JSON.parse(without.output).answer);
  });
});

describe('columns with names of their own kind', () => {
  it('make a config that can be used, and obey no terminal', async () => {
    const rows = Array.from({ length: 40 }, (_, row) => `a jumper ${row} of wool,${row % 7},${row % 5},${row * 1.5}`);
    const header = '"x\u001b[31m\u0007",__proto__,weight,targets';
    writeFileSync(path('odd.csv'), `${header}\n${rows.join('\n')}\n`);
    const made = await polymodal('init', 'odd.csv', '--out', 'odd.yaml');
    expect(made.output).toContain('x\\u001b[31m\\u0007');
    const inspected = await polymodal('inspect', 'odd.yaml');
    expect(inspected.code).toBe(0);
    for (const text of [made.output, inspected.output, readFileSync(path('odd.yaml'), 'utf8')])
      expect(text).not.toMatch(/[^\P{Cc}\n]/u);
    writeFileSync(path('odd.csv'), `a jumper,1,2,\u001b[2J\n`, { flag: 'a' });
    const tried = await polymodal('train', 'odd.yaml', '--dry-run', '--set', 'model.hiddenSize=8');
    expect(tried.code).toBe(0);
    expect(tried.messages).toContain('\\u001b[2J'); // what stands in the place of a number
    expect(tried.messages).not.toMatch(/[^\P{Cc}\n]/u);
  });
});

it('an alias of what stands above it is what it names', async () => {
  const own = tinyConfig.replace('epochs: 1', 'epochs: &few 3').replace('batchSize: 16', 'batchSize: *few');
  writeFileSync(path('named.yaml'), own);
  const { output } = await polymodal('train', 'named.yaml', '--dry-run', '--json');
  expect(JSON.parse(output).batch).toBe(3);
});

it('a dry run tells of parts that no head reads', async () => {
  const pairs = tinyConfig.replace(
    'price: { use: regression }',
    'pairs: { use: contrastive, modalities: [title, row] }',
  );
  writeFileSync(path('pairs.yaml'), pairs.replace(/ {2}targets:\n.*\n/, ''));
  const { code, output, messages } = await polymodal('train', 'pairs.yaml', '--dry-run');
  expect([code, messages]).toEqual([0, expect.anything()]);
  expect(output).toMatch(/No head reads what is made by fusion: it learns nothing.*"none"/);
  expect((await polymodal('train', 'tiny.yaml', '--dry-run')).output).not.toContain('No head reads');
});

it('a dry run goes by what the first stage says itself', async () => {
  const own = tinyConfig.replace('epochs: 1,', 'epochs: 1, stages: [{ batchSize: 3, steps: 7 }],');
  writeFileSync(path('staged.yaml'), own);
  const { output } = await polymodal('train', 'staged.yaml', '--dry-run', '--json');
  expect(JSON.parse(output)).toMatchObject({ batch: 3, steps: 7 });
});

describe('a target that a head cannot learn', () => {
  /** Of some parts, whose last row has such a target. */
  const rowsOf = (name: string, parts: readonly string[]) => {
    const rows = parts.map((part, row) => `A${row},a scarf,red,1,${row === parts.length - 1},${part}`);
    writeFileSync(path(`${name}.csv`), `sku,title,colour,weight,price,part\n${rows.join('\n')}\n`);
    const own = tinyConfig
      .replace('products.csv', `${name}.csv`)
      .replace('{ column: price, as: number }', '{ column: price, as: text }')
      .replace(/split: .*/, 'split: { column: part }')
      .replace('{ use: regression }', '{ use: classification, labels: ["false", "no"] }')
      .replace('runs/tiny', `runs/${name}`);
    writeFileSync(path(`${name}.yaml`), own);
    writeFileSync(path(`${name}-skip.yaml`), own.replace('id: sku', 'id: sku\n  weights: weight\n  onError: skip'));
  };

  it('is told by a dry run with its line, in whatever part it is', async () => {
    rowsOf('graded', ['test', 'train', 'train', 'train']);
    rowsOf('judged', ['train', 'train', 'test', 'test']);
    for (const name of ['graded', 'judged']) {
      const { code, messages } = await polymodal('train', `${name}.yaml`, '--dry-run');
      expect([code, messages]).toEqual([1, expect.stringMatching(`${name}\\.csv, line 5, targets\\.price: .*"true"`)]);
    }
  });

  it('is left out where bad rows are skipped, in training and in judging', async () => {
    for (const name of ['graded', 'judged']) {
      const trained = await polymodal('train', `${name}-skip.yaml`);
      expect(trained.messages).toMatch(/1 bad row of 4 left out\. The first: .*line 5, targets\.price: /);
      expect([trained.code, trained.output]).toEqual([0, expect.stringContaining('on 1 sample of the part "test"')]);
    }
    const evaluated = await polymodal('evaluate', 'runs/judged', '--json');
    expect(evaluated.messages).toMatch(/1 bad row of 2 left out\. The first: .*judged\.csv, line 5/);
    expect(JSON.parse(evaluated.output)).toMatchObject({ samples: 1 });
    for (const name of ['judged', 'graded']) // which is known by the weights of its rows, too
      expect((await polymodal('resume', `${name}-skip.yaml`)).output).toContain('had been finished before');
  });
});

describe('a run that is ended before it begins', () => {
  it('is told to programs', async () => {
    const stopped = AbortSignal.abort(new DOMException('Ctrl-C', 'AbortError'));
    const ended = commandLine(shop.directory, { interruption: async () => stopped });
    for (const more of [['--dry-run'], []]) {
      const { code, output } = await ended('train', 'tiny.yaml', '--set', 'directory=runs/ended', '--json', ...more);
      expect([code, JSON.parse(output).error.code]).toEqual([130, 'INTERRUPTED']);
    }
    expect(existsSync(path('runs/ended'))).toBe(false);
  });
});

describe('addresses of files in a table', () => {
  it('are fetched once into a cache; one that is not there is a bad row, by its line', async () => {
    const asked: string[] = [];
    const server = createServer(({ url = '' }, response) => {
      asked.push(url);
      response.writeHead(url.startsWith('/gone') ? 404 : 200).end(`as if it were a picture: ${url}`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv('HF_HUB_CACHE', path('cache/hub'));
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const rows = ['a.png', 'b.png', 'gone.png', ''].map((file, row) => `${file && `${at}/${file}`},${row}.5\n`);
    writeFileSync(path('photos.csv'), `photo,price\n${rows.join('')}`);
    const came = await polymodal('inspect', 'photos.csv');
    expect(came.code).toBe(0);
    expect(came.messages).toContain('Fetching the files of addresses');
    expect(came.output).toContain('bad rows: 2');
    expect(came.output).toMatch(/photos\.csv, line 4.*gone\.png: expected a file at the address, received status 404/);
    expect(asked.sort()).toEqual(['/a.png', '/b.png', '/gone.png']);
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    expect((await polymodal('inspect', 'photos.csv')).output).toMatch(/line 4.*downloads are switched off/);
    expect(asked.length).toBe(3);
  });
});
