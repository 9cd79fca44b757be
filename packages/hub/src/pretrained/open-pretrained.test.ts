import { spawnSync } from 'node:child_process';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileFormatError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { fixturePath, temporaryFolder } from '../testing/test-files';
import { openPretrained } from './open-pretrained';

function folderWith(files: Record<string, string | Uint8Array>): string {
  const folder = temporaryFolder();
  cpSync(fixturePath('tiny-bert'), folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

async function complaint(folder: string): Promise<string> {
  const error: unknown = await openPretrained(folder).catch((reason) => reason);
  expect(error).toBeInstanceOf(FileFormatError);
  return (error as Error).message;
}

describe('openPretrained', () => {
  it('reads a folder that transformers saved', async () => {
    const pretrained = await openPretrained(fixturePath('tiny-bert'));
    expect(pretrained.config).toMatchObject({ model_type: 'bert', architectures: ['BertModel'], hidden_size: 8 });
    expect(pretrained.preprocessor).toMatchObject({ image_mean: [0.5, 0.5, 0.5], size: { height: 8, width: 8 } });
    expect(pretrained.generation).toMatchObject({ eos_token_id: 3, pad_token_id: 0 });
    expect(pretrained.tokenizer?.file().model).toMatchObject({ type: 'WordLevel', vocab: { nein: 5 } });
    expect(pretrained.tokenizer?.config).toMatchObject({ padding_side: 'left', unk_token: '[UNK]' });
    expect(pretrained.tokenizer?.specialTokens).toEqual({});
    expect(pretrained.processor).toBeUndefined();
    expect(pretrained.checkpoint.info('embeddings.word_embeddings.weight').shape).toEqual([12, 8]);
    await pretrained.checkpoint.close();
  });

  it('leaves undefined what the folder has not', async () => {
    const folder = folderWith({});
    for (const name of ['preprocessor_config.json', 'tokenizer.json', 'generation_config.json'])
      rmSync(join(folder, name));
    const { preprocessor, tokenizer, generation, checkpoint } = await openPretrained(folder);
    expect({ preprocessor, tokenizer, generation }).toEqual({});
    await checkpoint.close();
  });

  it('reads the special tokens and infinities that Python writes', async () => {
    const { config, tokenizer, checkpoint } = await openPretrained(
      folderWith({
        'config.json':
          '{"model_type": "mamba2", "time_step_limit": [0.0, Infinity], "note": "to \\"Infinity\\"", "low": -Infinity}',
        'special_tokens_map.json':
          '{"unk_token": "[UNK]", "pad_token": {"content": "[PAD]", "lstrip": false}, "additional_special_tokens": ["<a>", {"content": "<b>"}]}',
      }),
    );
    expect(config.time_step_limit).toEqual([0, Number.POSITIVE_INFINITY]);
    expect(config).toMatchObject({ note: 'to "Infinity"', low: Number.NEGATIVE_INFINITY });
    expect(tokenizer?.specialTokens.pad_token).toMatchObject({ content: '[PAD]' });
    await checkpoint.close();
  });

  it('says which file is wrong and where in it', async () => {
    expect(await complaint(folderWith({ 'config.json': '{"model_type": 8}' }))).toMatch(
      /config\.json, model_type: expected a string/,
    );
    expect(await complaint(folderWith({ 'config.json': '[]' }))).toContain('config.json: expected an object');
    expect(await complaint(folderWith({ 'config.json': '{' }))).toContain('config.json: expected a JSON file');
    expect(await complaint(folderWith({ 'config.json': Uint8Array.of(0xff) }))).toContain(
      'config.json: expected a JSON file',
    );
    expect(await complaint(folderWith({ 'tokenizer.json': '{"model": 3}' }))).toContain('tokenizer.json, model');
    expect(await complaint(folderWith({ 'tokenizer_config.json': '{"padding_side": "up"}' }))).toContain(
      'padding_side',
    );
    expect(await complaint(folderWith({ 'preprocessor_config.json': '{"image_mean": "x"}' }))).toContain('image_mean');
    expect(await complaint(folderWith({ 'generation_config.json': '{"top_k": "x"}' }))).toContain('top_k');
    const noConfig = folderWith({});
    rmSync(join(noConfig, 'config.json'));
    expect(await complaint(noConfig)).toContain('with config.json, received a folder without it');
  });

  it('says how weights in a pickle are converted', async () => {
    const folder = folderWith({ 'pytorch_model.bin': 'PK' });
    rmSync(join(folder, 'model.safetensors.index.json'));
    expect(await complaint(folder)).toContain('Convert them with one line of Python: python -c');
  });

  it.skipIf(process.platform === 'win32')(
    'refuses a pipe in the place of a file, and does not wait for it',
    async () => {
      for (const name of ['config.json', 'tokenizer.json', 'model-00001-of-00002.safetensors']) {
        const folder = folderWith({});
        rmSync(join(folder, name));
        expect(spawnSync('mkfifo', [join(folder, name)]).status).toBe(0);
        expect(await complaint(folder)).toContain('expected a file, received a pipe');
      }
    },
  );

  it('takes no key of a file for more than a key', async () => {
    const { config, checkpoint } = await openPretrained(
      folderWith({ 'config.json': '{"model_type": "x", "__proto__": {"polluted": 1}}' }),
    );
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(config.polluted).toBeUndefined();
    await checkpoint.close();
  });
});
