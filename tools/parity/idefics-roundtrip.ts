// Saves again every Idefics of the fixtures, its language model and its vision tower alone too: node tools/run.mjs
// tools/parity/idefics-roundtrip.ts <folder>. What Python makes of that, idefics_roundtrip.py says.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { visionLanguageModels } from '../../packages/architectures/src/vision-language';
import { textFamilies } from '../../packages/encoder-text/src/pretrained';
import { visionFamilies } from '../../packages/encoder-vision/src/pretrained';
import { type Family, loadPretrained, savePretrained } from '../../packages/hub/src';

const fixtures = fileURLToPath(new URL('../../packages/architectures/fixtures/idefics', import.meta.url));
const target = process.argv[2];
if (target === undefined) throw new Error('Usage: node tools/run.mjs tools/parity/idefics-roundtrip.ts <folder>');
const kinds: Record<string, readonly Family[]> = {
  whole: visionLanguageModels,
  'language model': textFamilies,
  'vision tower': visionFamilies,
};
for (const { name } of readdirSync(fixtures, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
  for (const [kind, families] of Object.entries(kinds)) {
    const loaded = await loadPretrained(families, join(fixtures, name));
    await savePretrained(loaded, join(target, kind, name));
    loaded.model.dispose();
  }
}
