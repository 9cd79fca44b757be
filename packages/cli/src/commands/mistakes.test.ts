import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandLine } from '../testing/command-line';
import { makeShop, tinyConfig } from '../testing/shop';

const shop = makeShop(30);
const polymodal = commandLine(shop.directory);
const path = (name: string) => join(shop.directory, name);

/** Configs with one mistake each, by the name of their file. */
const mistaken: Readonly<Record<string, string | Buffer>> = {
  'option.yaml': tinyConfig.replace('epochs: 1', 'epohcs: 1'),
  'section.yaml': tinyConfig.replace('training:', 'traning:'),
  'column.yaml': tinyConfig.replace('columns: [colour', 'columns: [color'),
  'slot.yaml': tinyConfig.replace('title: title', 'titel: title'),
  'encoder.yaml': tinyConfig.replace('use: transformer', 'use: transfromer'),
  'plugin-part.yaml': tinyConfig.replace('use: tabular-mlp', 'use: vit'),
  'plugin.yaml': `${tinyConfig}plugins: ['@acme/polymodal-lidar']\n`,
  'labels.yaml': tinyConfig.replace('use: regression', 'use: classification, labels: [cheap, dear]'),
  'number.yaml': tinyConfig.replace('column: price, as: number', 'column: title, as: number'),
  'manifest.yaml': tinyConfig.replace('products.csv', 'product.csv'),
  'part.yaml': tinyConfig.replace(
    'into: { train: 0.7, validation: 0.1, test: 0.2 }',
    'into: { train: 0.7, test: 0.2 }',
  ),
  'indented.yaml': tinyConfig.replace('  slots:', '   slots:'),
  'quotes.json': '{ "data": { "manifest": "products.csv", } "model": {} }',
  'empty.yaml': '',
  'list.yaml': '- data\n- model\n',
  'other-folder.yaml': tinyConfig.replace('runs/tiny', 'holiday'),
  'alias.yaml': tinyConfig.replace('epochs: 1', 'epochs: *often'),
  'circle.yaml': tinyConfig.replace('training: {', 'training: &all { best: *all,'),
  'bomb.yaml': `${tinyConfig}${Array.from({ length: 9 }, (_, level) => `x${level}: &x${level} [${level === 0 ? 'ha' : Array(9).fill(`*x${level - 1}`)}]\n`).join('')}`,
  'aliases.yaml': `${tinyConfig}x: &x 1\ny: [${Array(101).fill('*x')}]\n`,
  'merge.yaml': tinyConfig.replace('heads:', 'heads: &all').replace('training: {', 'training: { <<: *all,'),
  'several.yaml': `${tinyConfig}---\n${tinyConfig}`,
  'latin.yaml': Buffer.from(tinyConfig.replace('colour', 'größe'), 'latin1'),
  'heads.yaml': tinyConfig.replace('hiddenSize: 8', 'hiddenSize: eight'),
};

beforeAll(async () => {
  writeFileSync(path('tiny.yaml'), tinyConfig);
  for (const [name, content] of Object.entries(mistaken)) writeFileSync(path(name), content);
  writeFileSync(path('empty.csv'), '');
  writeFileSync(path('header.csv'), 'title,price\n');
  writeFileSync(path('other.csv'), 'name,length\na,1\n');
  writeFileSync(path('ids.csv'), `name\n${Array.from({ length: 30 }, (_, row) => `n${row}\n`).join('')}`);
  writeFileSync(path('latin.csv'), Buffer.from('größe\n1\n', 'latin1'));
  const rows = Array.from(
    { length: 12 },
    (_, row) => `img/${row}.png,${row % 3 ? 'schön' : 'a'} number ${row},${row}.5\n`,
  );
  writeFileSync(path('half-latin.csv'), Buffer.from(`photo,title,price\n${rows.join('')}`, 'latin1'));
  mkdirSync(path('img'));
  for (const row of [0, 3]) writeFileSync(path(`img/${row}.png`), '');
  writeFileSync(path('notes.docx'), 'x');
  writeFileSync(path('taken.csv'), 'mine');
  mkdirSync(path('holiday'));
  writeFileSync(path('holiday/photo.txt'), 'mine');
  mkdirSync(path('bert'));
  writeFileSync(path('bert/config.json'), '{ "model_type": "bert", "architectures": ["BertModel"] }');
  expect(await polymodal('train', 'tiny.yaml')).toMatchObject({ code: 0 });
});
afterAll(() => shop.remove());

/** What people type, and what an answer to it has to say. */
const mistakes: readonly (readonly [line: string, code: 1 | 2, ...said: readonly string[]])[] = [
  ['trian', 2, "unknown command 'trian'", 'Did you mean train?'],
  ['train --epochs 3', 2, "unknown option '--epochs'"],
  ['train --dryrun', 2, 'Did you mean --dry-run?'],
  ['train a.yaml b.yaml', 2, 'too many arguments'],
  ['predict', 2, "missing required argument 'model'"],
  ['predict runs/tiny', 2, 'only a model', '--value title='],
  ['train --backend gpu', 2, 'node-gpu'],
  ['evaluate runs/tiny --part tset', 2, 'train, validation, test'],
  ['evaluate runs/tiny products.csv --part test', 2, 'both: --part test and products.csv'],
  ['train tiny.yaml --set epochs', 2, '--set training.epochs=3'],
  ['train tiny.yaml --set training.epochs=*a', 2, '--set training.epochs', 'without aliases', '*a'],
  ['train tiny.yaml --set training={<<:{epochs:3}}', 2, 'merge keys'],
  ['train tiny.yaml --set training.epochs.more=3', 2, 'training.epochs'],

  ['init product.csv', 1, 'Did you mean "products.csv"'],
  ['init notes.docx', 1, '.csv', '.parquet'],
  ['init empty.csv', 1, 'empty.csv'],
  ['init header.csv', 1, 'rows'],
  ['init products.csv --out taken.csv', 1, 'stays as it is', '--out'],
  ['init products.csv --out nowhere/a.yaml', 1, 'nowhere'],
  ['init products.csv --target prise', 1, 'Did you mean "price"'],
  ['init ids.csv', 1, 'a column to learn from', 'name (id)'],
  ['init latin.csv', 1, 'latin.csv, line 1', '--encoding windows-1252'],
  ['init products.csv --target sku', 1, '"sku"', 'classes or numbers'],
  ['inspect product.csv', 1, 'Did you mean "products.csv"'],

  ['train', 1, 'polymodal init'],
  ['train products.csv', 1, 'a table', 'polymodal init products.csv'],
  ['train tinny.yaml', 1, 'Did you mean "tiny.yaml"'],
  ['train holiday', 1, 'polymodal.yaml'],
  ['train option.yaml', 1, 'option.yaml, line 18, training', '"epohcs"', 'Did you mean "epochs"'],
  ['train section.yaml', 1, '"traning"', 'Did you mean "training"'],
  ['train column.yaml', 1, 'column.yaml, line 5, data.slots.row', '"color"', 'Did you mean "colour"'],
  ['train slot.yaml', 1, 'slot.yaml, line 4, data.slots.titel', 'Did you mean "title"'],
  ['train encoder.yaml', 1, 'encoder.yaml, line 13, model.encoders.title.use', 'Did you mean "transformer"'],
  ['train plugin-part.yaml', 1, 'model.encoders.row.use', '"vit"', 'npm install @polymodal/encoder-vision'],
  ['inspect plugin-part.yaml', 1, 'plugin-part.yaml, line 14', 'npm install @polymodal/encoder-vision'],
  ['train plugin.yaml', 1, 'plugin.yaml, line 20, plugins', 'npm install @acme/polymodal-lidar'],
  ['train labels.yaml --set directory=runs/labels', 1, 'products.csv, line ', 'one of 2 labels'],
  ['train number.yaml', 1, 'products.csv, line 3', 'number'],
  ['train manifest.yaml', 1, 'Did you mean "products.csv"'],
  ['train part.yaml', 1, 'part.yaml, line 9, data.split', 'add up to 1'],
  ['train indented.yaml', 1, 'indented.yaml, line', 'indentation'],
  ['train quotes.json', 1, 'quotes.json, line 1', 'comma'],
  ['train empty.yaml', 1, 'an empty file', 'polymodal init'],
  ['train list.yaml', 1, 'options: data, model'],
  ['train alias.yaml', 1, 'alias.yaml, line 18', '*often, which names nothing'],
  ['train circle.yaml', 1, 'circle.yaml, line 18', 'within what it names'],
  ['train bomb.yaml', 1, 'bomb.yaml, line 28', 'aliases of aliases'],
  ['train aliases.yaml', 1, 'aliases.yaml, line 21', 'at most 100 aliases'],
  ['train merge.yaml', 1, 'merge.yaml, line 18', 'the merge key "<<"'],
  ['train several.yaml', 1, 'several.yaml, line 20', 'one config in the file'],
  ['train latin.yaml', 1, 'latin.yaml', 'UTF-8'],
  ['train heads.yaml', 1, 'heads.yaml, line 11, model.hiddenSize', '"eight"'],
  ['train other-folder.yaml', 1, 'holiday', 'photo.txt', 'Name another directory'],
  ['train tiny.yaml --set training.epochs=many', 1, '--set training.epochs', '"many"'],
  ['train tiny.yaml --set training.epoch=3', 1, '--set training.epoch', 'Did you mean "epochs"'],
  ['train tiny.yaml --set trainin.epochs=3', 1, '--set trainin.epochs', 'Did you mean "training"'],
  [
    'train tiny.yaml --set data.split.groupBy=colour',
    1,
    'with: groupBy: none',
    'groupBy: "colour"',
    'resume runs/tiny',
  ],
  ['train tiny.yaml --set data.split.into.train=0.8 --set data.split.into.test=0.1', 1, '"train":0.7', '"train":0.8'],
  ['train tiny.yaml --set data.split.seed=4', 1, 'seed: 0', 'seed: 4', '--set directory'],
  ['train tiny.yaml --set training.epochs=7', 1, 'polymodal resume runs/tiny', '--set directory'],
  ['resume tiny.yaml --set directory=runs/none', 1, 'polymodal train'],
  ['train tiny.yaml --set training.augment={titel:[]}', 1, '--set training.augment', 'Did you mean "title"'],
  [
    'train tiny.yaml --set training.augment={"title":[{"use":"typo"}]}',
    1,
    'training.augment.title.0',
    'Did you mean "typos"',
  ],
  [
    'train tiny.yaml --set training.augment={"title":[{"use":"typos","share":3}]}',
    1,
    'training.augment',
    'title.0.share',
  ],
  [
    'train tiny.yaml --set training.augment={"row":[{"use":"typos"}]}',
    1,
    'training.augment.row.0.use',
    'of the modality',
  ],

  ['predict runs/tinny products.csv', 1, 'Did you mean "tiny"'],
  ['predict products.csv runs/tiny', 1, 'a file', 'The model comes first'],
  ['predict tiny.yaml products.csv', 1, 'Name the folder of its run: runs/tiny'],
  ['predict holiday products.csv', 1, 'a folder without a model'],
  ['predict bert products.csv', 1, 'Python', 'pretrained-text'],
  ['predict runs/tiny product.csv', 1, 'Did you mean "products.csv"'],
  ['predict runs/tiny other.csv', 1, 'title, colour, weight', 'name, length'],
  ['predict runs/tiny photo.png', 1, 'nothing of that name'],
  ['predict runs/tiny notes.docx', 1, 'title (text)', '--slot'],
  ['predict runs/tiny --value titel=x', 1, 'Did you mean "title"'],
  ['predict runs/tiny products.csv --heads prise', 1, 'Did you mean "price"'],
  ['predict runs/tiny products.csv --out taken.csv', 1, 'stays as it is', '--out taken-2.csv'],
  ['predict runs/tiny products.csv --out nowhere/a.csv', 1, 'nowhere'],
  ['evaluate runs/tiny other.csv', 1, 'title'],
  ['export runs/tiny --out model.pt', 2, '.onnx'],
  ['export runs/tiny --slots titel', 1, 'Did you mean "title"'],
  ['hub', 2, 'download'],
  ['hub download bert/base/uncased --offline', 1, 'bert/base/uncased'],
  ['info runs', 1, 'a folder without a model'],
];

describe('a mistake is answered with what to do', () => {
  it.each(mistakes.map(([line, code, ...said]) => ({ line, code, said })))('polymodal $line', async (own) => {
    const { line, code, said } = own;
    const came = await polymodal(...line.split(' '));
    for (const words of said) expect(came.messages).toContain(words);
    expect(came.code).toBe(code);
    expect(came.messages).not.toMatch(/\n\s+at /); // no stack
  });

  it('and nothing of the user is changed', () => {
    expect(readFileSync(path('taken.csv'), 'utf8')).toBe('mine');
    expect(readdirSync(path('holiday'))).toEqual(['photo.txt']);
    expect(readdirSync(path('runs'))).toEqual(['tiny']);
    expect(existsSync(path('nowhere'))).toBe(false);
  });

  it.skipIf(process.getuid?.() === 0)('a folder without permission is told', async () => {
    mkdirSync(path('locked'));
    chmodSync(path('locked'), 0o500);
    expect(await polymodal('init', 'products.csv', '--out', 'locked/a.yaml')).toMatchObject({
      code: 1,
      messages: expect.stringContaining('no permission'),
    });
  });

  it('rows that are left out are told, with the first of them and what is wrong with so many', async () => {
    const made = await polymodal('init', 'half-latin.csv', '--out', 'half.yaml');
    expect(made.output).toMatch(/8 bad rows of 12 left out\. The first: .*half-latin\.csv, line 3/);
    expect(made.output).toContain('--encoding windows-1252');
    expect(made.output).toContain('photo: of 4 files that were looked for, 2 are there.');
    expect(made.output).toContain('half-latin.csv, line 8, column "photo"');
    const half = tinyConfig
      .replace('{ column: weight, as: number }', '{ column: weight, as: number, decimal: "," }')
      .replace('id: sku', 'id: sku\n  onError: skip');
    writeFileSync(path('comma.yaml'), half);
    const came = await polymodal('train', 'comma.yaml', '--dry-run', '--set', 'directory=runs/comma');
    expect(came.messages).toMatch(/\d+ bad rows of 30 left out\. The first: .*products\.csv, line \d+/);
    expect(came.messages).toContain('data.root');
    const skipping = tinyConfig.replace('id: sku', 'id: sku\n  onError: skip').replace('runs/tiny', 'skipping');
    writeFileSync(path('skipping.yaml'), skipping);
    expect(await polymodal('train', 'skipping.yaml')).toMatchObject({ code: 0 });
    writeFileSync(path('one-bad.csv'), 'title,colour,weight,price\na,red,1,2\nb,red,heavy,3\nc,red,2,4\n');
    const figures = await polymodal('evaluate', 'skipping', 'one-bad.csv');
    expect(figures.messages).toMatch(/1 bad row of 3 left out\. The first: .*one-bad\.csv, line 3/);
  });

  it('bad rows are told by their lines, and the rest is answered', async () => {
    writeFileSync(path('bad.csv'), 'title,colour,weight\na,red,1\nb,red,heavy\nc,red,2\n');
    const came = await polymodal('predict', 'runs/tiny', 'bad.csv');
    expect(came).toMatchObject({ code: 1, messages: expect.stringContaining('bad.csv, line 3') });
    const lines = came.output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ input }) => input)).toEqual(['bad.csv, line 2', 'bad.csv, line 3', 'bad.csv, line 4']);
    expect(lines.map((line) => 'answer' in line)).toEqual([true, false, true]);
    expect(lines[1].error).toContain('expected a number');
    expect(came.messages).toContain('1 of 3 were not answered');
  });
});
