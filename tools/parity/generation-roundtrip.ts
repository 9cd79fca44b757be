// Saves again every language model of the fixtures: node tools/run.mjs tools/parity/generation-roundtrip.ts <folder>. What Python
// makes of that, generation_roundtrip.py says.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { languageModels } from '../../packages/architectures/src/language-models';
import { loadPretrained, savePretrained } from '../../packages/hub/src';

const fixtures = fileURLToPath(new URL('../../packages/architectures/fixtures/language-models', import.meta.url));
const target = process.argv[2];
if (target === undefined) throw new Error('Usage: node tools/run.mjs tools/parity/generation-roundtrip.ts <folder>');
for (const { name } of readdirSync(fixtures, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
  const loaded = await loadPretrained(languageModels, join(fixtures, name));
  await savePretrained(loaded, join(target, name));
  loaded.model.dispose();
}
