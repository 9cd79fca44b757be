// Saves again every model of a family of the fixtures (idefics, llava, idefics3), its language model and its vision tower alone too: node
// tools/run.mjs tools/parity/vision-language-roundtrip.ts <family> <folder>. What Python makes of that, <family>_roundtrip.py says.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { visionLanguageModels } from '../../packages/architectures/src/vision-language';
import { textFamilies } from '../../packages/encoder-text/src/pretrained';
import { visionFamilies } from '../../packages/encoder-vision/src/pretrained';
import { type Family, loadPretrained, savePretrained } from '../../packages/hub/src';

const [family, target] = process.argv.slice(2);
if (target === undefined) {
  throw new Error('Usage: node tools/run.mjs tools/parity/vision-language-roundtrip.ts <family> <folder>');
}
const fixtures = fileURLToPath(new URL(`../../packages/architectures/fixtures/${family}`, import.meta.url));
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
