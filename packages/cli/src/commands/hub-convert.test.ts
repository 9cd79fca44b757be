import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openCheckpoint } from '@polymodal/hub';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandLine } from '../testing/command-line';
import { makeShop, tinyConfig } from '../testing/shop';

const shop = makeShop(20);
const path = (name: string) => join(shop.directory, name);
const polymodal = commandLine(shop.directory, {
  plugins: async () => [
    (await import('@polymodal/encoder-text')).text,
    (await import('@polymodal/encoder-text/pretrained')).pretrainedText,
    (await import('@polymodal/encoder-vision')).vision,
    (await import('@polymodal/encoder-vision/pretrained')).pretrainedImage,
    (await import('@polymodal/encoder-tabular')).tabular,
    (await import('@polymodal/fusion')).fusion,
    (await import('@polymodal/heads')).heads,
    (await import('@polymodal/architectures/encoder-decoders')).encoderDecoderHeads,
    (await import('@polymodal/head-text')).headText,
  ],
});

/** A tiny CLIP that Python made, and what it computed with it (tools/parity/dual_tower_zero_shot.py). */
const clip = fixture('architectures/fixtures/zero-shot/clip');
const bert = fixture('hub/fixtures/tiny-bert');

function fixture(name: string): string {
  return fileURLToPath(new URL(`../../../${name}`, import.meta.url));
}

/** The tensors of a folder, by their names. */
async function tensorsOf(folder: string): Promise<Record<string, Float32Array>> {
  const checkpoint = await openCheckpoint(folder);
  const read = async (name: string) => [name, (await checkpoint.read(name)).data] as const;
  const tensors = Object.fromEntries(await Promise.all(checkpoint.names.map(read)));
  await checkpoint.close();
  return tensors as Record<string, Float32Array>;
}

beforeAll(async () => {
  expect(await polymodal('hub', 'convert', clip, '--out', 'clip')).toMatchObject({ code: 0 });
});
afterAll(() => shop.remove());

describe('a model as Python has it', () => {
  it('becomes one that answers what Python answers', async () => {
    const { texts, textEmbeddings } = JSON.parse(readFileSync(join(clip, 'expected.json'), 'utf8'));
    const { code, output } = await polymodal('predict', 'clip', '--value', `text=${texts[0]}`);
    expect(code).toBe(0);
    const { text } = JSON.parse(output).answer.match.embeddings as { text: number[] };
    expect(text.length).toBe(textEmbeddings[0].length);
    text.forEach((value, at) => void expect(value).toBeCloseTo(textEmbeddings[0][at], 4)); // float32, through a tower
  });

  it('may be an encoder–decoder, and writes what Python writes', async () => {
    const t5 = fixture('architectures/fixtures/t5/relu-tied'); // tools/parity/t5.py
    const { texts, cases } = JSON.parse(readFileSync(join(t5, 'expected.json'), 'utf8'));
    expect(await polymodal('hub', 'convert', t5, '--out', 't5')).toMatchObject({ code: 0 });
    const { output } = await polymodal('predict', 't5', '--value', `text=${texts[1]}`);
    const { ids } = JSON.parse(output).answer.text as { ids: number[] };
    expect(ids.slice(0, 14)).toEqual(cases[0].written[1]); // Python was asked for no more
  });

  it('may find what stands in texts, by its class and not by its encoder', async () => {
    const [tags, answers] = ['tags', 'answers'].map((name) =>
      fixture(`architectures/fixtures/text-spans/bert-${name}`),
    );
    const [{ text, first }] = JSON.parse(readFileSync(join(tags!, 'expected.json'), 'utf8')).cases; // tools/parity/text_spans.py
    expect(await polymodal('hub', 'convert', tags!, '--out', 'tags')).toMatchObject({ code: 0 });
    const { output } = await polymodal('predict', 'tags', '--value', `text=${text}`);
    const { spans } = JSON.parse(output).answer.tags as { spans: { start: number; end: number; label: string }[] };
    const placesOf = (all: typeof spans) => all.map(({ start, end, label }) => [start, end, label]);
    expect(placesOf(spans)).toEqual(placesOf(first));

    const hint = 'polymodal predict reader --value text.text=<question> --value text.pair=<text>';
    const converted = await polymodal('hub', 'convert', answers!, '--out', 'reader');
    expect(converted.output).toContain(hint);
    const { question, context } = JSON.parse(readFileSync(join(answers!, 'expected.json'), 'utf8'));
    const values = ['--value', `text.text=${question}`, '--value', `text.pair=${context}`];
    const said = JSON.parse((await polymodal('predict', 'reader', ...values)).output).answer.answer;
    expect(said.noAnswer).toEqual(expect.any(Number));
    expect(said.answer.text).toBe(context.slice(said.answer.start, said.answer.end));
    const back = await polymodal('hub', 'convert', 'reader', '--out', 'reader-back');
    expect(back.output).toContain('BertForQuestionAnswering.from_pretrained("reader-back")');
  });

  it('says what it takes, what it answers, and how it is asked', async () => {
    const { output } = await polymodal('hub', 'convert', clip, '--out', 'again', '--shard-size', '20kB');
    expect(output).toMatch(/Wrote again: [\d,]+ parameters as float32, in \d files of weights\./);
    expect(output).toContain('Slots: image, text. Heads: match (contrastive).');
    expect(output).toContain('polymodal predict again --value image=<file>');
    expect(await polymodal('info', 'again')).toMatchObject({ code: 0 });
  });

  it('goes back to Python to the bit, whole or in shards', async () => {
    const original = await tensorsOf(clip);
    expect(await polymodal('hub', 'convert', 'clip', '--out', 'back')).toMatchObject({
      code: 0,
      output: expect.stringContaining('CLIPModel.from_pretrained("back")'),
    });
    expect(await tensorsOf(path('back'))).toEqual(original);
    const parted = await polymodal('hub', 'convert', 'clip', '--out', 'parted', '--shard-size', '16 KiB', '--json');
    const { files } = JSON.parse(parted.output) as { files: { name: string; bytes: number }[] };
    const shards = files.filter(({ name }) => /^model-\d+-of-\d+\.safetensors$/.test(name));
    expect(shards.length).toBeGreaterThan(1);
    expect(await tensorsOf(path('parted'))).toEqual(original);
    for (const name of ['tokenizer.json', 'processor_config.json'])
      expect(readFileSync(path(`back/${name}`))).toEqual(readFileSync(join(clip, name)));
  });

  it('is stored in half the room where that is asked, and says so to Python', async () => {
    const original = await tensorsOf(clip);
    for (const [dtype, step] of [
      ['float16', 2 ** -11],
      ['bfloat16', 2 ** -8],
    ] as const) {
      await polymodal('hub', 'convert', 'clip', '--out', dtype, '--dtype', dtype);
      expect(JSON.parse(readFileSync(path(`${dtype}/config.json`), 'utf8')).dtype).toBe(dtype);
      const stored = await tensorsOf(path(dtype));
      for (const [name, values] of Object.entries(original))
        values.forEach((value, at) => {
          const difference = Math.abs(stored[name][at] - value);
          if (difference > Math.max(step * Math.abs(value), 2 ** -25)) expect.fail(`${name} ${at}: ${difference}`);
        });
    }
  });

  it('that is an encoder alone is stored otherwise, and named in a config to be trained', async () => {
    const asked = ['hub', 'convert', bert, '--out', 'bert'];
    const refused = await polymodal(...asked);
    expect(refused.code).toBe(1);
    expect(refused.messages).toContain('an encoder (BertModel), which answers nothing by itself');
    expect(refused.messages).toContain('encoders: { text: { use: pretrained-text, from:');
    expect(await polymodal(...asked, '--to', 'hugging-face', '--dtype', 'bfloat16')).toMatchObject({
      code: 0,
      output: expect.stringContaining('BertModel.from_pretrained("bert")'),
    });
    expect(await tensorsOf(path('bert'))).toMatchObject(await tensorsOf(bert)); // which has bfloat16 too
  });
});

describe('a run with a pretrained encoder', () => {
  it('learns from the weights of its folder, and gives the encoder back', async () => {
    writeFileSync(
      path('pretrained.yaml'),
      tinyConfig
        .replace(
          'use: transformer, maxLength: 16, numHiddenLayers: 1, numAttentionHeads: 2',
          `use: pretrained-text, from: ./bert`,
        )
        .replace('training: {', 'training: { freeze: [encoders.title],')
        .replace('runs/tiny', 'runs/pretrained'),
    );
    expect(await polymodal('train', 'pretrained.yaml')).toMatchObject({ code: 0 });
    expect(await polymodal('resume', 'runs/pretrained')).toMatchObject({ code: 0 });
    expect(await polymodal('predict', 'runs/pretrained', '--value', 'title=abc')).toMatchObject({ code: 0 });
    const whole = await polymodal('hub', 'convert', 'runs/pretrained', '--out', 'tuned');
    expect(whole).toMatchObject({ code: 1, messages: expect.stringContaining('--slot title') });
    expect(await polymodal('hub', 'convert', 'runs/pretrained', '--out', 'tuned', '--slot', 'title')).toMatchObject({
      code: 0,
    });
    expect(await tensorsOf(path('tuned'))).toMatchObject(await tensorsOf(path('bert'))); // frozen, so as it was
  });
});

describe('a mistake is answered with what to do', () => {
  beforeAll(async () => {
    mkdirSync(path('holiday'));
    writeFileSync(path('holiday/photo.txt'), 'mine');
    mkdirSync(path('pickled'));
    writeFileSync(path('pickled/config.json'), '{ "model_type": "clip", "architectures": ["CLIPModel"] }');
    writeFileSync(path('pickled/pytorch_model.bin'), 'PK');
    mkdirSync(path('mamba'));
    writeFileSync(path('mamba/config.json'), '{ "model_type": "mamba2", "architectures": ["Mamba2Model"] }');
    writeFileSync(path('mamba/model.safetensors'), readFileSync(join(clip, 'model.safetensors')));
    mkdirSync(path('mixed'));
    writeFileSync(path('mixed/config.json'), readFileSync(join(clip, 'config.json')));
    writeFileSync(path('mixed/model.safetensors'), readFileSync(fixture('hub/fixtures/tiny-bert.safetensors')));
    writeFileSync(path('tiny.yaml'), tinyConfig);
    expect(await polymodal('train', 'tiny.yaml')).toMatchObject({ code: 0 });
  });

  const mistakes: readonly (readonly [line: string, code: 1 | 2, ...said: readonly string[]])[] = [
    ['--out new-2', 2, "missing required argument 'model'"],
    ['clip', 2, "required option '-o, --out <folder>' not specified"],
    ['clip again --out new-2', 2, 'too many arguments'],
    ['clip --out new-2 --precision half', 2, "unknown option '--precision'"],
    ['clip --out new-2 --dtype half', 2, 'float32, float16, bfloat16'],
    ['clip --out new-2 --to pytorch', 2, 'polymodal, hugging-face'],
    ['clip --out new-2 --to polymodal', 2, 'Leave --to out'],
    [`${clip} --out new-2 --dtype float16`, 2, 'For Python: --to hugging-face'],
    [`${clip} --out new-2 --slot text`, 2, '--slot'],
    ['clip --out new-2 --shard-size 2', 2, 'with its unit'],
    ['clip --out new-2 --shard-size big', 2, '--shard-size 2GB'],
    ['clip --out new-2 --shard-size 0GB', 2, '--shard-size 2GB'],
    ['clip --out holiday', 1, 'the path of a new file, received a folder', '--out holiday-2'],
    ['clip --out tiny.yaml', 1, 'stays as it is'],
    ['clip --out nowhere/clip', 1, 'mkdir -p'],
    ['clop --out new-2', 1, 'Did you mean "clip"'],
    ['runs/tinny --out new-2', 1, 'Did you mean "tiny"'],
    ['holiday --out new-2', 1, 'a folder without a model'],
    ['tiny.yaml --out new-2', 1, 'Name the folder of its run: runs/tiny'],
    ['products.csv --out new-2', 1, 'a file'],
    ['runs/tiny --out new-2', 1, 'transformer, tabular-mlp', 'polymodal export'],
    ['runs/tiny --out new-2 --slot titel', 1, 'Did you mean "title"'],
    ['runs/tiny --out new-2 --slot title', 1, 'a pretrained encoder', 'encoders.title, which is "transformer"'],
    ['pickled --out new-2', 1, 'a Python pickle', 'torch.load'],
    ['mamba --out new-2', 1, '"mamba2"', 'Known: '],
    ['mixed --out new-2', 1, 'mixed'],
    ['nobody/nothing-of-the-kind --out new-2 --offline', 1, 'nobody/nothing-of-the-kind'],
    ['https://huggingface.co/openai/clip-vit-base-patch32 --out new-2', 1, 'owner/model'],
  ];

  it.each(mistakes.map(([line, code, ...said]) => ({ line, code, said })))('hub convert $line', async (own) => {
    const came = await polymodal('hub', 'convert', ...own.line.split(' ').filter(Boolean));
    for (const words of own.said) expect(came.messages).toContain(words);
    expect(came.code).toBe(own.code);
    expect(came.messages).not.toMatch(/\n\s+at /); // no stack
  });
});
