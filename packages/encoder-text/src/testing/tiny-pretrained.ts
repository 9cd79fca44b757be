import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { initialize, RandomKey } from '@polymodal/core';
import { createFromConfig, type PretrainedConfig, savePretrained } from '@polymodal/hub';
import { afterAll } from 'vitest';
import { textFamilies } from '../families';

const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url));

/** The tokenizer.json as Python wrote it, not what the class of the model's type would make of it. */
const asItStands = { tokenizer_class: 'PreTrainedTokenizerFast' };

/** For tests: a folder with a small model of random values and a tokenizer that Python made. */
export async function folderWith(tokenizer: string, config: PretrainedConfig, settings = {}): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'polymodal-text-'));
  folders.push(folder);
  const made = createFromConfig(textFamilies, config);
  initialize(made.model, RandomKey.from(0));
  await savePretrained(made, folder);
  made.model.dispose();
  cpSync(join(fixtures, `${tokenizer}.json`), join(folder, 'tokenizer.json'));
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify({ ...asItStands, ...settings }));
  return folder;
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});
