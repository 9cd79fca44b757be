import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileFormatError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { OfflineError } from '../errors/download-error';
import { fixturePath, temporaryFolder } from '../testing/test-files';
import { TestHub, testRepository } from '../testing/test-hub';
import { openPretrained } from './open-pretrained';

const folder = fixturePath('tiny-bert');
const files = Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));

describe('openPretrained of a repository', () => {
  it('fetches configs, tokenizer and the shards of the index, and nothing else; then works offline', async () => {
    const others = {
      'pytorch_model.bin': Buffer.from('PK'),
      'onnx/model.onnx': Buffer.from('x'),
      'README.md': Buffer.from('#'),
    };
    const hub = await TestHub.start({ ...files, ...others });
    const options = { endpoint: hub.endpoint, cacheDirectory: temporaryFolder(), token: false } as const;
    const { config, tokenizer, checkpoint, directory } = await openPretrained(testRepository, options);
    expect(config.model_type).toBe('bert');
    expect(tokenizer?.config.padding_side).toBe('left');
    expect((await checkpoint.read('pooler.dense.bias')).data).toHaveLength(8);
    await checkpoint.close();
    expect(readdirSync(directory).sort()).toEqual(Object.keys(files).sort());

    const requests = hub.requests.length;
    const offline = await openPretrained(testRepository, { ...options, offline: true });
    await offline.checkpoint.close();
    expect(offline.directory).toBe(directory);
    expect(hub.requests).toHaveLength(requests);
    await expect(openPretrained('owner/other', { ...options, offline: true })).rejects.toThrow(OfflineError);
  });

  it('prefers a whole file of weights to shards', async () => {
    const whole = readFileSync(fixturePath('tiny-bert.safetensors'));
    const hub = await TestHub.start({ ...files, 'model.safetensors': whole });
    const options = { endpoint: hub.endpoint, cacheDirectory: temporaryFolder(), token: false } as const;
    const { checkpoint, directory } = await openPretrained(testRepository, options);
    expect(checkpoint.info('pooler.dense.bias').dtype).toBe('F32');
    await checkpoint.close();
    expect(readdirSync(directory).filter((name) => name.startsWith('model'))).toEqual(['model.safetensors']);
  });

  it('fetches nothing of a repository without safetensors, and says what to do', async () => {
    const hub = await TestHub.start({ 'config.json': files['config.json'], 'pytorch_model.bin': Buffer.from('PK') });
    const opening = openPretrained(testRepository, {
      endpoint: hub.endpoint,
      cacheDirectory: temporaryFolder(),
      token: false,
    });
    await expect(opening).rejects.toThrow(FileFormatError);
    await expect(opening).rejects.toThrow(
      'owner/model: expected model.safetensors or model.safetensors.index.json, received weights as a Python pickle',
    );
    expect(hub.requests).toHaveLength(1);
  });

  it('takes a path for a path', async () => {
    for (const path of ['./none', '/none', '../none', 'a/b/c', '~/none', 'a\\b']) {
      await expect(openPretrained(path, { endpoint: 'http://127.0.0.1:9' })).rejects.toThrow(
        'received a path without a folder',
      );
    }
  });
});
