// Saves again every checkpoint that the fixtures of the families have, with what our model computes from the saved one:
// node tools/run.mjs tools/parity/roundtrip.ts <folder>. What Python makes of that, roundtrip.py says.
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { disposeBatch, hostTensor, inferenceContext, uploadBatch, useBackend } from '../../packages/core/src';
import { audioFamilies } from '../../packages/encoder-audio/src';
import { textFamilies } from '../../packages/encoder-text/src';
import { visionFamilies } from '../../packages/encoder-vision/src';
import { loadPretrained, openCheckpoint, savePretrained, writeSafetensorsFile } from '../../packages/hub/src';
import type { EncoderFamily } from '../../packages/testing/src/family/describe-family';

const packages = fileURLToPath(new URL('../../packages', import.meta.url));
const familiesOf: Record<string, readonly EncoderFamily[]> = {
  'encoder-audio': audioFamilies,
  'encoder-text': textFamilies,
  'encoder-vision': visionFamilies,
};

const target = process.argv[2];
if (target === undefined) throw new Error('Usage: node tools/run.mjs tools/parity/roundtrip.ts <folder>');
console.log(String(await useBackend()));
for (const [name, families] of Object.entries(familiesOf)) {
  const fixtures = join(packages, name, 'src/families/fixtures');
  for (const folder of foldersWith('config.json', fixtures)) {
    const copy = join(target, name, relative(fixtures, folder));
    const loaded = await loadPretrained(families, folder);
    await savePretrained(loaded, copy);
    loaded.model.dispose();
    const again = await loadPretrained(families, copy);
    const batch = uploadBatch({ size: 1, targets: [], modalities: { input: await featuresOf(folder) } });
    const { tokens } = again.model.encode(batch.modalities.input, inferenceContext());
    const data = (await tokens.data()) as Float32Array;
    await writeSafetensorsFile(join(copy, 'ours.safetensors'), new Map([['tokens', { shape: tokens.shape, data }]]));
    tokens.dispose();
    disposeBatch(batch);
    again.model.dispose();
  }
}

function foldersWith(file: string, folder: string): string[] {
  if (existsSync(join(folder, file))) return [folder];
  const inside = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return inside.flatMap((entry) => foldersWith(file, join(folder, entry.name)));
}

/** The inputs of a fixture, as describeFamily reads them. */
async function featuresOf(folder: string) {
  const expected = await openCheckpoint(join(folder, 'expected.safetensors'));
  const features: Record<string, ReturnType<typeof hostTensor>> = {};
  for (const key of expected.names.filter((candidate) => candidate.startsWith('feature.'))) {
    const { data, shape } = await expected.read(key);
    if (!(data instanceof Uint8Array)) features[key.slice('feature.'.length)] = hostTensor(data, shape);
  }
  await expected.close();
  const [rows] = Object.values(features)[0].shape;
  return { rows: Int32Array.from({ length: rows }, (_, row) => row), features };
}
