import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Writable } from 'node:stream';
import { createRegistry } from '@polymodal/core';
import { loadModel } from '@polymodal/core/node';
import { openTable } from '@polymodal/data';
import { tabular } from '@polymodal/encoder-tabular';
import { text } from '@polymodal/encoder-text';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandLine } from '../testing/command-line';
import { makeShop, tinyConfig } from '../testing/shop';

const shop = makeShop();
const polymodal = commandLine(shop.directory);
const path = (name: string) => join(shop.directory, name);

beforeAll(async () => {
  const own = tinyConfig.replace('fusion: { use: mean }', 'fusion: { use: acme-mean }');
  writeFileSync(path('tiny.yaml'), `${own}plugins: [./acme.mjs]\n`);
  writeFileSync(path('acme.mjs'), acme);
  expect(await polymodal('train', 'tiny.yaml')).toMatchObject({ code: 0 });
});
afterAll(() => shop.remove());

/** A plugin of one's own beside the config: `mean` by another name, which the test puts where it finds it. */
const acme = `export default { name: 'acme', specificationVersion: 'v1', fusions: [{ ...globalThis.mean, name: 'acme-mean' }] };`;
const mean = fusion.fusions?.find(({ name }) => name === 'mean');
Object.assign(globalThis, { mean });

interface Line {
  readonly input: string;
  readonly answer: { readonly price: { readonly value: number } };
}

function lines(output: string): Line[] {
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('from a table to answers', () => {
  it('writes a config for the table, which trains as it stands', async () => {
    expect(await polymodal('init', 'products.csv')).toMatchObject({ code: 0 });
    const written = readFileSync(path('polymodal.yaml'), 'utf8');
    expect(written).toContain('# title: text');
    expect(written).toContain('10 of 40 cells are empty');
    const run = await polymodal(
      'train',
      '--dry-run',
      '--json',
      '--set',
      'model.hiddenSize=8',
      '--set',
      'training.tensorboard=true',
    );
    expect(run).toMatchObject({ code: 0 });
    const { parameters, batch, loss, steps } = JSON.parse(run.output);
    expect(steps).toBe(30 * 2); // with a title, and without, of which there are fewer than a batch each
    expect(Object.keys(parameters)).toEqual(['encoders.title', 'encoders.row', 'fusion', 'heads.price']);
    expect(batch).toBe(32); // the rows of the part "train"
    expect(loss).toBeGreaterThan(0);
    expect(await readdir(path('runs'))).toEqual(['tiny']); // a dry run leaves nothing
  });

  it('learns another column than the one that it would choose', async () => {
    const made = await polymodal('init', 'products.csv', '--target', 'colour', '--out', 'colours.json', '--json');
    expect(made).toMatchObject({ code: 0 });
    const { data, model } = JSON.parse(readFileSync(path('colours.json'), 'utf8'));
    expect(Object.keys(data.targets)).toEqual(['colour']);
    expect(model.heads.colour).toEqual({ use: 'classification', labels: ['blue', 'green', 'red'] });
    expect(data.slots.row.columns.map((own: { column?: string }) => own.column ?? own)).toEqual(['weight', 'price']);
  });

  it('keeps with the run what the columns are, and which rows it has not seen', async () => {
    expect(await readdir(path('runs/tiny'))).toEqual(
      expect.arrayContaining(['model', 'report.html', 'polymodal.json', 'split.jsonl']),
    );
    const kept = JSON.parse(await readFile(path('runs/tiny/polymodal.json'), 'utf8'));
    expect(kept).toMatchObject({ directory: '.', data: { manifest: '../../products.csv' } });
  });

  it('answers a table as the model answers its samples, by a column less too', async () => {
    writeFileSync(path('new.csv'), 'title,weight\na red jumper,3\n,4.5\n');
    const asked = await polymodal('predict', 'runs/tiny', 'new.csv');
    expect(asked.code).toBe(0);
    expect(asked.messages).toContain('there is no column "colour"');
    const registry = createRegistry([tabular, text, fusion, heads, (await import(path('acme.mjs'))).default]);
    const model = await loadModel(registry, path('runs/tiny/model'));
    const answers = await model.predict([{ title: 'a red jumper', row: { weight: 3 } }, { row: { weight: 4.5 } }]);
    expect(lines(asked.output)).toEqual([
      { input: 'new.csv, line 2', answer: answers[0] },
      { input: 'new.csv, line 3', answer: answers[1] },
    ]);
    model.dispose();
  });

  it('answers files, folders and values alike', async () => {
    writeFileSync(path('one.txt'), 'a red jumper');
    const byFile = await polymodal('predict', 'runs/tiny', 'one.txt');
    const byValue = await polymodal('predict', 'runs/tiny', '--value', 'title=a red jumper');
    expect(byFile.code).toBe(0);
    expect(lines(byFile.output)[0].answer).toEqual(lines(byValue.output)[0].answer);
    writeFileSync(
      path('rows.json'),
      `[\n${JSON.stringify({ title: 'a red jumper' })},\n${JSON.stringify({ weight: 3 })}\n]`,
    );
    const byJson = lines((await polymodal('predict', 'runs/tiny', 'rows.json')).output);
    expect(byJson.map(({ input }) => input)).toEqual(['rows.json, line 2, row 1', 'rows.json, line 3, row 2']);
    expect(byJson[0].answer).toEqual(lines(byValue.output)[0].answer);
  });

  it('gives figures that follow from the answers and the table', async () => {
    const { output } = await polymodal('evaluate', 'runs/tiny', 'products.csv', '--json');
    const answers = lines((await polymodal('predict', 'runs/tiny', 'products.csv')).output);
    const prices = readFileSync(path('products.csv'), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((row) => Number(row.split(',')[4]));
    const mae =
      answers.reduce((sum, { answer }, row) => sum + Math.abs(answer.price.value - prices[row]), 0) / prices.length;
    expect(JSON.parse(output).figures.price.metrics.mae).toBeCloseTo(mae, 4); // float32 sums
  });

  it('says how many rows of a table it has learned from', async () => {
    const { output } = await polymodal('evaluate', 'runs/tiny', 'products.csv');
    expect(output).toContain('products.csv: 40 samples\n28 of 40 were learned from');
    writeFileSync(path('unseen.csv'), 'sku,title,colour,weight,price\nB1,a jumper,red,2,6\n');
    const unseen = await polymodal('evaluate', 'runs/tiny', 'unseen.csv');
    expect(unseen.output).toMatch(/^unseen.csv: 1 sample\n\n/);
  });

  it('evaluates on the part that it has not seen, on every subset if asked', async () => {
    const { output } = await polymodal('evaluate', 'runs/tiny', '--subsets', '--json');
    const { samples, subsets } = JSON.parse(output);
    expect(samples).toBe(8);
    expect(Object.keys(subsets)).toEqual(['title', 'row', 'title+row']);
  });

  it('says of how many samples the figures of a subset are, and takes the same ones for all if asked', async () => {
    const own = await polymodal('evaluate', 'runs/tiny', 'products.csv', '--subsets');
    const lines = (table: string) =>
      [...table.matchAll(/^([a-z+]+) +(\d+) {2}/gm)].map(([, name, count]) => [name, count]);
    expect(lines(own.output)).toEqual([
      ['title', '30'], // of 40, a quarter of which have none
      ['row', '40'],
      ['title+row', '30'],
    ]);
    expect(own.output).toContain(
      'lines with other numbers of samples are of other samples. On the same ones: --common.',
    );
    const common = await polymodal('evaluate', 'runs/tiny', 'products.csv', '--subsets', '--common', '--json');
    const { subsets, common: said } = JSON.parse(common.output);
    expect(said).toBe(true);
    const figures = Object.values(subsets as Record<string, { price: { count: number } }>);
    expect(figures.map(({ price }) => price.count)).toEqual([30, 30, 30]);
  });

  it('has figures on the part that it has not seen in its report', async () => {
    const { output } = await polymodal('evaluate', 'runs/tiny', '--json');
    const { mae } = JSON.parse(output).figures.price.metrics;
    const report = readFileSync(path('runs/tiny/report.html'), 'utf8');
    const [, section = ''] = /<h2>Test<\/h2>(.*?)<\/section>/s.exec(report) ?? [];
    expect(section).toMatch(new RegExp(`<td class="text">mae</td><td>${Number(mae.toPrecision(4))} .*<td>8</td>`));
  });

  it('writes answers as CSV, and replaces no file', async () => {
    expect(await polymodal('predict', 'runs/tiny', 'products.csv', '--out', 'answers.csv')).toMatchObject({ code: 0 });
    const written = readFileSync(path('answers.csv'), 'utf8');
    expect(written.split('\n').slice(0, 2)).toEqual([
      'input,id,price.value',
      expect.stringMatching(/^"products.csv, line 2",A0,[\d.]+$/),
    ]);
    expect(await polymodal('predict', 'runs/tiny', 'products.csv', '--out', 'answers.csv')).toMatchObject({ code: 1 });
    expect(readFileSync(path('answers.csv'), 'utf8')).toBe(written);
  });

  it('writes answers as Parquet, with numbers as numbers', async () => {
    const asked = await polymodal('predict', 'runs/tiny', 'products.csv');
    expect(await polymodal('predict', 'runs/tiny', 'products.csv', '--out', 'answers.parquet')).toMatchObject({
      code: 0,
    });
    const table = await openTable(path('answers.parquet'));
    expect(table.columns).toEqual(['input', 'id', 'price.value']);
    const { input, answer } = lines(asked.output)[2];
    expect(await table.read(2)).toEqual([input, 'A2', answer.price.value]);
    expect(table.length).toBe(40);
  });

  it('says of categories that it did not learn to tell apart', async () => {
    writeFileSync(path('mauve.csv'), 'sku,title,colour,weight,price\nC1,a,mauve,2,3\nC2,b,mauve,2,3\nC3,c,red,2,3\n');
    const said = 'Not told apart in training: row, column "colour": "mauve" (2 times).';
    expect((await polymodal('predict', 'runs/tiny', 'mauve.csv')).messages).toContain(said);
    const figures = await polymodal('evaluate', 'runs/tiny', 'mauve.csv', '--json');
    expect(figures.messages).toContain(said);
    expect(JSON.parse(figures.output).unfamiliar).toEqual({ 'row, column "colour": "mauve"': 2 });
  });

  it('writes a probability for each label, and rows without an answer at their places', async () => {
    const own = tinyConfig
      .replace('price: { column: price, as: number }', 'colour: colour')
      .replace('[colour, { column: weight, as: number }]', '[{ column: weight, as: number }]')
      .replace('{ colour: category, weight: number }', '{ weight: number }')
      .replace('price: { use: regression }', 'colour: { use: classification, labels: [red, green, blue] }')
      .replace('runs/tiny', 'runs/colours');
    writeFileSync(path('colours.yaml'), own);
    expect(await polymodal('train', 'colours.yaml')).toMatchObject({ code: 0 });
    writeFileSync(path('gaps.csv'), 'sku,title,weight\nC1,a,x\nC2,b,1\nC3,c,y\nC4,d,z\nC5,e,2\nC6,f,w\n');
    await polymodal('predict', 'runs/colours', 'gaps.csv', '--out', 'gaps-out.csv');
    const [head, ...rows] = readFileSync(path('gaps-out.csv'), 'utf8').trim().split('\n');
    expect(head).toBe(
      `input,id,colour.label,colour.index,colour.probability,${['red', 'green', 'blue'].map((label) => `colour.probabilities.${label}`).join(',')},error`,
    );
    expect(rows.map((row) => [row.split(',')[2], /expected a number/.test(row)])).toEqual(
      [1, 2, 3, 4, 5, 6].map((row) => [`C${row}`, row !== 2 && row !== 5]),
    );
    const cells = rows[1].split(',');
    expect(Number(cells[6 + Number(cells[4])])).toBe(Number(cells[5])); // the label's is the one that is said
  });

  it('goes on with a run that was interrupted, to the same bits as one that was not', async () => {
    const stopped = new AbortController();
    const messages = new Writable({
      write(chunk, _, done) {
        if (String(chunk).startsWith('epoch 1')) stopped.abort(new DOMException('Ctrl-C', 'AbortError'));
        done();
      },
    });
    const interrupted = commandLine(shop.directory, { interruption: async () => stopped.signal, messages });
    const settings = ['--set', 'training.epochs=2', '--set', 'directory=runs/stopped'];
    const first = await interrupted('train', 'tiny.yaml', ...settings);
    expect(first).toMatchObject({ code: 130, output: expect.stringContaining('polymodal resume runs/stopped') });
    expect(await polymodal('resume', 'runs/stopped')).toMatchObject({ code: 0 });
    const whole = [...settings.slice(0, 2), '--set', 'directory=runs/whole'];
    expect(await polymodal('train', 'tiny.yaml', ...whole)).toMatchObject({ code: 0 });
    const [a, b] = await Promise.all(
      ['stopped', 'whole'].map((run) => readFile(path(`runs/${run}/model/model.safetensors`))),
    );
    expect(a.equals(b)).toBe(true);
  });

  it('exports what onnxruntime reads, and says what a model consists of', async () => {
    const exported = await polymodal('export', 'runs/tiny', '--slots', 'row', '--json');
    expect(exported).toMatchObject({ code: 0 });
    expect(JSON.parse(exported.output).inputs.map(({ name }: { name: string }) => name)).toContain('row/cells');
    expect(JSON.parse(exported.output)).toMatchObject({
      path: path('tiny-row.onnx'),
      description: path('tiny-row.json'),
    });
    const { slots, heads } = JSON.parse(readFileSync(path('tiny-row.json'), 'utf8'));
    expect(slots.row.cells).toEqual([
      { column: 'weight', number: 'value', scale: { quantiles: expect.any(Array) } },
      { column: 'colour', category: 'value', codes: expect.any(Object), otherwise: null },
    ]);
    expect(Object.keys(slots.row.cells[1].codes).sort()).toEqual(['blue', 'green', 'red']);
    expect(Object.values(slots.row.cells[1].codes)).toEqual([1, 2, 3]);
    expect(heads.price).toEqual({ use: 'regression' });
    const apart = await polymodal(
      'export',
      'runs/tiny',
      '--slots',
      'row',
      '--out',
      'apart.onnx',
      '--external-weights',
      '--json',
    );
    const { externalDataPath } = JSON.parse(apart.output);
    expect(statSync(externalDataPath).size).toBeGreaterThan(statSync(path('apart.onnx')).size / 10);
    expect(statSync(path('apart.onnx')).size + statSync(externalDataPath).size).toBeGreaterThanOrEqual(
      statSync(path('tiny-row.onnx')).size,
    );
    expect(readFileSync(path('apart.onnx')).includes(basename(externalDataPath))).toBe(true); // it says where they are
    const { output } = await polymodal('info', 'runs/tiny', '--json');
    const { parts, parameters, files, routing } = JSON.parse(output);
    expect(routing.map(({ modalities }: { modalities: string[] }) => modalities)).toEqual([
      ['title'],
      ['row'],
      ['title', 'row'],
    ]);
    const [title, row, both] = routing.map(
      ({ heads }: { heads: Record<string, { multiplyAdds: number }> }) => heads.price!,
    );
    expect([title, row, both]).toMatchObject([
      { answers: true, encoders: ['title'] },
      { answers: true },
      { answers: true },
    ]);
    expect(both.multiplyAdds).toBeGreaterThan(Math.max(title.multiplyAdds, row.multiplyAdds));
    expect((await polymodal('info', 'runs/tiny')).output).toMatch(
      /samples with +price\ntitle +[\d,]+\nrow +[\d,]+\ntitle \+ row +[\d,]+\n/,
    );
    const weights = files.find(({ name }: { name: string }) => name === 'model.safetensors');
    expect(parts.map(({ use }: { use: string }) => use)).toEqual([
      'transformer',
      'tabular-mlp',
      'acme-mean',
      'regression',
    ]);
    expect(weights.bytes).toBeGreaterThan(4 * parameters); // float32 values, and a header
  });

  it('says what memory a model takes at sizes of batches, as processes of their own find it out', async () => {
    const told = `const [use, size] = process.argv[process.argv.indexOf('--measure') + 1].split(':');
      const gone = { error: { message: 'it is too large' } };
      const is = use === 'training' && size === '512';
      console.log(JSON.stringify(is ? gone : { peak: size * (use === 'training' ? 4 : 1) * 2 ** 20 }));
      process.exitCode = is ? 1 : 0;`;
    const found = commandLine(shop.directory, { again: [process.execPath, '-e', told, '--'] });
    const { output } = await found('info', 'runs/tiny', '--batch-sizes', '32,512', '--json');
    expect(JSON.parse(output).memory).toEqual([
      { batchSize: 32, predicting: 32 * 2 ** 20, training: 128 * 2 ** 20 },
      { batchSize: 512, predicting: 512 * 2 ** 20, training: 'it is too large' },
    ]);
    const shown = await found('info', 'runs/tiny', '--batch-sizes', '32,512');
    expect(shown.output).toMatch(/^ *32 +32 MiB +128 MiB$/m);
    expect(shown.output).toMatch(/^ *512 +512 MiB +not known$/m);
    expect(shown.output).toContain('Not known: it is too large');
    for (const use of ['predicting', 'training']) {
      const own = await polymodal('info', 'runs/tiny', '--measure', `${use}:4`, '--json');
      expect(JSON.parse(own.output).peak).toBeGreaterThan(2 ** 26); // Node by itself has as much
    }
  });

  it('runs the commands of the guide, one after the other', async () => {
    const own = makeShop();
    const inShop = commandLine(own.directory);
    const guide = readFileSync(new URL('../../../../apps/docs/without-code.md', import.meta.url), 'utf8');
    const commands = [...guide.matchAll(/^npx polymodal (.*)$/gm)].map(([, line]) => line);
    expect(commands.length).toBeGreaterThan(10);
    for (const line of commands) {
      const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain);
      const isLong = line === 'train';
      const came = await inShop(...words, ...(isLong ? ['--set', 'training.epochs=1'] : []));
      expect(came.code, `${line}\n${came.messages}`).toBe(0);
    }
    own.remove();
  });
});
