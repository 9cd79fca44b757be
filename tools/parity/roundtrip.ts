// Saves again every checkpoint that the fixtures of the families have, with what our model computes from the saved one:
// node tools/run.mjs tools/parity/roundtrip.ts <folder>. What Python makes of that, roundtrip.py says.
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { audioTextFamilies } from '../../packages/architectures/src/audio-text';
import { imageTextFamilies } from '../../packages/architectures/src/image-text';
import {
  type Batch,
  disposeBatch,
  type Encoder,
  hostTensor,
  inferenceContext,
  type Model,
  uploadBatch,
  useBackend,
} from '../../packages/core/src';
import { audioFamilies } from '../../packages/encoder-audio/src/pretrained';
import { textFamilies } from '../../packages/encoder-text/src/pretrained';
import { visionFamilies } from '../../packages/encoder-vision/src/pretrained';
import type { ContrastiveHead, ContrastiveOutput } from '../../packages/heads/src';
import {
  type Family,
  loadPretrained,
  openCheckpoint,
  savePretrained,
  writeSafetensorsFile,
} from '../../packages/hub/src';

const packages = fileURLToPath(new URL('../../packages', import.meta.url));
const target = process.argv[2];
if (target === undefined) throw new Error('Usage: node tools/run.mjs tools/parity/roundtrip.ts <folder>');
console.log(String(await useBackend()));
await roundtrip('encoder-audio/fixtures/families', audioFamilies, 'encoder');
await roundtrip('encoder-text/fixtures/families', textFamilies, 'encoder');
await roundtrip('encoder-vision/fixtures/families', visionFamilies, 'encoder');
// Python does not find the towers of older configs, since it reads others for the whole.
const isPlain = (folder: string) => !folder.endsWith('older-configs');
for (const fixtures of ['architectures/fixtures/families/clip', 'architectures/fixtures/families/siglip']) {
  await roundtrip(fixtures, imageTextFamilies, 'whole');
  await roundtrip(fixtures, visionFamilies, 'image tower', isPlain);
  await roundtrip(fixtures, textFamilies, 'text tower', isPlain);
}

await roundtrip('architectures/fixtures/families/clap', audioTextFamilies, 'whole');
await roundtrip('architectures/fixtures/families/clap', audioFamilies, 'audio tower');
await roundtrip('architectures/fixtures/families/clap', textFamilies, 'text tower');

/** Puts what is saved under `<target>/<kind>/<path of the fixtures>`. */
async function roundtrip(
  path: string,
  families: readonly Family[],
  kind: 'encoder' | 'whole' | 'image tower' | 'audio tower' | 'text tower',
  isTaken: (folder: string) => boolean = () => true,
): Promise<void> {
  const fixtures = join(packages, path);
  for (const folder of foldersWith('config.json', fixtures).filter(isTaken)) {
    const copy = join(target, kind, path, relative(fixtures, folder));
    const loaded = await loadPretrained(families, folder);
    await savePretrained(loaded, copy);
    loaded.model.dispose();
    const again = await loadPretrained(families, copy);
    const modalities = await modalitiesOf(folder);
    const size = Math.max(...Object.values(modalities).map(({ rows }) => rows.length));
    const batch = uploadBatch({ size, targets: {}, modalities });
    const context = inferenceContext();
    const compute = () => {
      if (kind === 'whole') return logitsOf(again.model as Model, batch);
      const [modality] = kind === 'encoder' ? Object.keys(batch.modalities) : kind.split(' ');
      return (again.model as Encoder).encode(batch.modalities[modality], context).tokens;
    };
    const outputs = compute();
    const name = kind === 'whole' ? 'logits' : 'tokens';
    const data = (await outputs.data()) as Float32Array;
    await writeSafetensorsFile(join(copy, 'ours.safetensors'), new Map([[name, { shape: outputs.shape, data }]]));
    outputs.dispose();
    disposeBatch(batch);
    again.model.dispose();
  }
}

/** Of pictures, or recordings, and texts, (B, T). */
function logitsOf(model: Model, batch: Batch) {
  const { embeddings } = model.forward(batch, inferenceContext()).heads.match.output as ContrastiveOutput;
  const { text, ...others } = embeddings;
  const [[from, { values }]] = Object.entries(others);
  return (model.heads.match as ContrastiveHead).logits(from, values, text.values);
}

function foldersWith(file: string, folder: string): string[] {
  if (existsSync(join(folder, file))) return [folder];
  const inside = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return inside.flatMap((entry) => foldersWith(file, join(folder, entry.name)));
}

/** The inputs of a fixture, as describeFamily and describeDualTower read them; without a name where there is one modality. */
async function modalitiesOf(folder: string) {
  const expected = await openCheckpoint(join(folder, 'expected.safetensors'));
  const modalities: Record<string, { rows: Int32Array; features: Record<string, ReturnType<typeof hostTensor>> }> = {};
  for (const key of expected.names.filter((candidate) => candidate.startsWith('feature.'))) {
    const [name, modality = ''] = key.split('.').slice(1).reverse();
    const { data, shape } = await expected.read(key);
    if (data instanceof Uint8Array) continue;
    modalities[modality] ??= { rows: Int32Array.from({ length: shape[0] }, (_, row) => row), features: {} };
    modalities[modality].features[name] = hostTensor(data, shape);
  }
  await expected.close();
  return modalities;
}
