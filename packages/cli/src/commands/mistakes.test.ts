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
  'weights.yaml': tinyConfig.replace('id: sku', 'id: sku\n  weights: wieght'),
  'worded-weights.yaml': tinyConfig.replace('id: sku', 'id: sku\n  weights: colour'),
  'weights-and-balance.yaml': tinyConfig
    .replace('id: sku', 'id: sku\n  weights: weight')
    .replace('training: {', 'training: { balance: price,'),
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
  writeFileSync(path('table.xlsx'), 'PK');
  writeFileSync(path('data.zip'), 'PK');
  writeFileSync(path('array.jsonl'), '[{ "title": "a", "price": 1 }]\n');
  writeFileSync(path('utf16.csv'), Buffer.from('\ufefftitle,price\na,1\n', 'utf16le'));
  writeFileSync(path('twice.csv'), 'title,title,price\na,b,1\nc,d,2\n');
  writeFileSync(path('ragged.csv'), 'title,price\na,1,3\nc,2\n');
  writeFileSync(path('untargeted.csv'), 'title,colour,weight\na,red,1\n');
  mkdirSync(path('nothing'));
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
  ['init', 2, "missing required argument 'manifest'"],
  ['init products.csv other.csv', 2, 'too many arguments'],
  ['init products.csv --targets price', 2, 'Did you mean --target?'],
  ['init products.csv --out config.toml', 2, '.yaml or .yml or .json', '--out config.yaml'],
  ['inspect products.csv tiny.yaml', 2, 'too many arguments'],
  ['inspect products.csv --page report.pdf', 2, '--page report.html'],
  ['train tiny.yaml epochs=3', 2, 'too many arguments', '--set training.epochs=3'],
  ['train tiny.yaml --resume', 2, "unknown option '--resume'", 'See --help'],
  ['resume runs/tiny --dry-run', 2, "unknown option '--dry-run'"],
  ['resume a b', 2, 'too many arguments'],
  ['evaluate', 2, "missing required argument 'run'"],
  ['evaluate runs/tiny --subset', 2, 'Did you mean --subsets?'],
  ['evaluate runs/tiny --common', 2, '--subsets --common'],
  ['evaluate runs/tiny a.csv b.csv', 2, 'too many arguments'],
  ['evaluate runs/tiny --out figures.json', 2, "unknown option '--out'"],
  ['predict runs/tiny products.csv --out answers.xlsx', 2, '.parquet', '--out answers.jsonl'],
  ['predict runs/tiny products.csv --out answers', 2, '--out answers.jsonl'],
  ['predict runs/tiny --title a', 2, "unknown option '--title'"],
  ['predict runs/tiny --value title', 2, 'a slot and its value', '--value title=…'],
  ['predict runs/tiny products.csv --heads price,', 2, 'names with commas between'],
  ['export', 2, "missing required argument 'model'"],
  ['export runs/tiny model.onnx', 2, 'too many arguments'],
  ['export runs/tiny --out model', 2, '--out model.onnx'],
  ['export runs/tiny --slots row,', 2, 'names with commas between'],
  ['export runs/tiny --format torchscript', 2, "unknown option '--format'"],
  ['info', 2, "missing required argument 'model'"],
  ['info runs/tiny runs/other', 2, 'too many arguments'],
  ['info runs/tiny --batch-sizes many', 2, 'numbers from 1 on'],
  ['info runs/tiny --batch-sizes 8,', 2, 'names with commas between'],
  ['info runs/tiny/model --batch-sizes 8', 1, 'can be run again'],
  ['info runs/tiny --set a=b', 2, "unknown option '--set'"],
  ['schema tiny.yaml', 2, 'too many arguments'],
  ['schema --output a.json', 2, "unknown option '--output'"],
  ['doctor --fix', 2, "unknown option '--fix'"],
  ['doctor products.csv', 2, 'too many arguments'],
  ['completion', 2, "missing required argument 'shell'"],
  ['completion powershell', 2, 'bash, zsh, fish'],
  ['completion bash zsh', 2, 'too many arguments'],
  ['hub downlod', 2, 'Did you mean download?'],
  ['hub download', 2, "missing required argument 'repository'"],
  ['hub download bert --file config.json', 2, 'Did you mean --files?'],
  ['hub download bert --files config.json,', 2, 'names with commas between'],
  ['evaluate runs/tiny --part tset', 2, 'train, validation, test'],
  ['evaluate runs/tiny products.csv --part test', 2, 'both: --part test and products.csv'],
  ['train tiny.yaml --set epochs', 2, '--set training.epochs=3'],
  ['train tiny.yaml --set training.epochs=*a', 2, '--set training.epochs', 'without aliases', '*a'],
  ['train tiny.yaml --set training={<<:{epochs:3}}', 2, 'merge keys'],
  ['train tiny.yaml --set training.epochs.more=3', 2, 'training.epochs'],

  ['init product.csv', 1, 'Did you mean "products.csv"'],
  ['init notes.docx', 1, '.csv', '.parquet', 'data.format'],
  ['init empty.csv', 1, 'empty.csv'],
  ['init header.csv', 1, 'rows'],
  ['init products.csv --out tiny.yaml', 1, 'stays as it is', '--out'],
  ['init products.csv --out nowhere/a.yaml', 1, 'nowhere'],
  ['init products.csv --target prise', 1, 'Did you mean "price"'],
  ['init ids.csv', 1, 'a column to learn from', 'name (id)'],
  ['init latin.csv', 1, 'latin.csv, line 1', '--encoding windows-1252'],
  ['init products.csv --target sku', 1, '"sku"', 'classes, numbers, spans of a text'],
  ['init products.csv --target price,weight', 1, '"price,weight"', 'Known: sku, title'],
  ['init products.csv --encoding utf-7', 1, 'windows-1252', '"utf-7"'],
  ['init table.xlsx', 1, 'CSV UTF-8'],
  ['init data.zip', 1, 'Unpack it first'],
  ['init array.jsonl', 1, 'a list', '.json'],
  ['init utf16.csv', 1, 'iconv -f UTF-16'],
  ['init twice.csv', 1, 'twice.csv, line 1', 'a name of its own'],
  ['init nothing', 1, 'pictures and sounds'],
  ['init tiny.yaml', 1, 'a config', 'polymodal train --dry-run tiny.yaml'],
  ['init https://example.com/products.csv', 1, 'curl -LO https://example.com/products.csv'],
  ['inspect', 1, 'polymodal init'],
  ['inspect header.csv', 1, 'header.csv: expected a table with rows'],
  ['inspect table.xlsx', 1, 'CSV UTF-8'],
  ['inspect nothing', 1, 'pictures and sounds'],
  ['inspect utf16.csv', 1, 'UTF-8'],
  ['inspect column.yaml', 1, 'column.yaml, line 5', 'Did you mean "colour"'],
  ['inspect manifest.yaml', 1, 'Did you mean "products.csv"'],
  ['inspect products.csv --page nowhere/a.html', 1, 'nowhere', 'mkdir -p'],
  ['inspect products.csv --page taken.csv/a.html', 1, 'taken.csv'],
  ['inspect https://example.com/products.csv', 1, 'curl -LO'],
  ['inspect product.csv', 1, 'Did you mean "products.csv"'],

  ['train', 1, 'polymodal init'],
  ['train products.csv', 1, 'a table', 'polymodal init products.csv'],
  ['train tinny.yaml', 1, 'Did you mean "tiny.yaml"'],
  ['train holiday', 1, 'polymodal.yaml'],
  ['train weights.yaml', 1, 'weights.yaml, line ', 'data.weights', 'Did you mean "weight"'],
  ['train worded-weights.yaml', 1, 'products.csv, line ', 'column "colour"', 'expected a number'],
  ['train weights-and-balance.yaml', 1, 'training.weights', 'balance or weights'],
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
  ['train manifest.yaml --set data.manifest=elsewhere', 1, 'manifest.yaml start from its folder'],
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
  ['train epochs=3', 1, '--set training.epochs=3'],
  ['train tiny.yaml --set training.batchSize=0', 1, '--set training.batchSize', 'above 0'],
  ['train tiny.yaml --set training.learningRate=fast', 1, '--set training.learningRate', '"fast"'],
  ['train tiny.yaml --set model.fusion.use=sum', 1, '--set model.fusion.use', 'Known: masked-transformer'],
  ['train tiny.yaml --set model.hiddenSize=7', 1, 'numAttentionHeads', 'These divide it: 1, 7'],
  ['train tiny.yaml --set backend=cuda', 1, '--set backend', '"cuda"'],
  ['train tiny.yaml --backend node-gpu', 1, 'npm install @tensorflow/tfjs-node-gpu'],
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
  ['resume', 1, 'polymodal resume runs/products'],
  ['resume runs/tinny', 1, 'Did you mean "tiny"'],
  ['resume products.csv', 1, 'a table'],
  ['resume runs/tiny/model', 1, 'polymodal resume runs/products'],
  ['resume runs/tiny --set training.epochs=5', 1, '--set training.epochs', 'another folder'],
  ['resume runs/tiny --set training.epohcs=5', 1, 'Did you mean "epochs"'],
  ['resume option.yaml', 1, 'option.yaml, line 18', 'Did you mean "epochs"'],
  ['resume runs/tiny/model/model.safetensors', 1, 'UTF-8'],

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
  ['predict runs/tiny table.xlsx', 1, 'title (text)', 'new.csv'],
  ['predict runs/tiny img', 1, 'image', '--slot'],
  ['predict runs/tiny products.csv --slot titel', 1, 'Did you mean "title"'],
  ['predict runs/tiny title=jumper', 1, '--value "title=jumper"'],
  ['predict runs/tiny jumper', 1, '--value "title=jumper"'],
  ['predict runs/tiny --value row=5', 1, 'cells by column'],
  ['predict runs/tiny --value row.weight=heavy', 1, 'column "weight"', '"heavy"'],
  ['predict runs/tiny --value weight=5', 1, 'Known: title, row'],
  ['predict runs/tiny/model/model.safetensors products.csv', 1, 'Name its folder: runs/tiny/model'],
  ['evaluate runs/tiny other.csv', 1, 'title'],
  ['evaluate runs/tiny untargeted.csv', 1, '"price"'],
  ['evaluate runs/tiny header.csv', 1, 'header.csv'],
  ['evaluate runs/tiny product.csv', 1, 'Did you mean "products.csv"'],
  ['evaluate runs/tiny table.xlsx', 1, 'CSV UTF-8'],
  ['evaluate runs/tiny ragged.csv', 1, 'ragged.csv'],
  ['evaluate tiny.yaml', 1, 'Name the folder of its run: runs/tiny'],
  ['evaluate products.csv runs/tiny', 1, 'The model comes first'],
  ['evaluate runs', 1, 'a folder without a model'],
  ['evaluate bert', 1, 'Python'],
  ['export runs/tiny --out model.pt', 2, '.onnx'],
  ['export runs/tiny --slots titel', 1, 'Did you mean "title"'],
  ['export tiny.yaml', 1, 'Name the folder of its run: runs/tiny'],
  ['export runs/tinny', 1, 'Did you mean "tiny"'],
  ['export runs/tiny --heads prise --out a.onnx', 1, 'Did you mean "price"'],
  ['export runs/tiny --value titel=a --out a.onnx', 1, 'Did you mean "title"'],
  ['export runs/tiny --out nowhere/a.onnx', 1, 'mkdir -p'],
  ['export products.csv', 1, 'The model comes first'],
  ['export bert', 1, 'Python'],
  ['hub', 2, 'download'],
  ['hub download https://huggingface.co/google-bert/bert-base-uncased', 1, 'owner/model'],
  ['hub verify', 2, "missing required argument 'repository'"],
  ['hub verify nobody/nothing-of-the-kind', 1, 'a cache without them', 'polymodal hub download'],
  ['hub verify bert/base/uncased', 1, 'owner/model'],
  ['hub download bert --revision ../x', 1, 'a branch, tag or commit'],
  ['hub download bert/base/uncased --offline', 1, 'bert/base/uncased'],
  ['info runs', 1, 'a folder without a model'],
  ['info runs/tinny', 1, 'Did you mean "tiny"'],
  ['info tiny.yaml', 1, 'Name the folder of its run: runs/tiny'],
  ['info runs/tiny/model/config.json', 1, 'Name its folder: runs/tiny/model'],
  ['info products.csv', 1, 'The model comes first'],
  ['info bert', 1, 'Python'],
  ['schema --out taken.csv', 1, 'stays as it is'],
  ['schema --out nowhere/a.json', 1, 'mkdir -p'],
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

  it('of what has nothing in it, that nothing was asked', async () => {
    const came = await polymodal('predict', 'runs/tiny', 'nothing');
    expect(came).toMatchObject({ code: 0, output: '', messages: expect.stringContaining('Nothing was asked') });
  });

  it('small tables are looked at with care', async () => {
    writeFileSync(path('small.csv'), 'sku,title,colour,price\nA1,a jumper,red,1\nA2,a scarf,blue,2\nA3,a hat,red,3\n');
    const made = await polymodal('init', 'small.csv', '--out', 'small.yaml', '--json');
    const { columns } = JSON.parse(made.output);
    const kinds = columns.map(({ column, kind }: Record<string, string>) => [column, kind]);
    expect(Object.fromEntries(kinds)).toEqual({ sku: 'id', title: 'text', colour: 'category', price: 'number' });
    expect((await polymodal('init', 'small.csv', '--out', 'again.yaml')).output).toContain(
      'Of 3 rows little can be told',
    );
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
