// Checks the packages as users get them: packed, linted by publint and attw; those for texts installed on their own in an
// empty project, which must work and must not pull in what they do not need; and the main entries bundled for browsers.
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { packPackages, root, run } from './pack-packages.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'polymodal-packages-'));
const failures = [];

try {
  const folders = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`);
  const tarballs = packPackages([...folders, 'apps/create-polymodal-plugin'], scratch);
  for (const [name, tarball] of Object.entries(tarballs)) await lint(name, tarball);
  checkStandaloneInstallation(tarballs);
  checkCommand(tarballs);
  await checkBrowserBundle(tarballs);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

for (const failure of failures) console.error(`✗ ${failure}`);
if (failures.length > 0) process.exit(1);
console.log('All packages are fit to publish.');

async function lint(name, tarball) {
  const { messages, pkg } = await publint({
    pack: { tarball: new Uint8Array(readFileSync(tarball)).buffer },
    strict: true,
  });
  for (const message of messages) {
    // encoder-vision says in this way that bundles for browsers go without a dependency, "sharp"; of a dependency all bundlers
    // understand only this field.
    if (message.code === 'USE_EXPORTS_OR_IMPORTS_BROWSER') continue;
    failures.push(`publint ${name}: ${formatMessage(message, pkg, { color: false })}`);
  }
  if (!pkg.exports) {
    console.log(`✓ ${name}: publint is content, and nothing of it is imported`);
    return;
  }
  const attw = spawnSync('npx', ['attw', tarball, '--profile', 'esm-only', '--format', 'ascii'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (attw.status !== 0) failures.push(`attw ${name}:\n${attw.stdout}${attw.stderr}`);
  else console.log(`✓ ${name}: publint and attw are content`);
}

/** core and encoder-text alone: no picture, sound, hub or ONNX Runtime code may come along. */
function checkStandaloneInstallation(tarballs) {
  const project = install(tarballs, ['core', 'nn', 'generation', 'encoder-text', 'fusion', 'heads']);
  for (const unwanted of [
    'onnxruntime-node',
    'onnxruntime-common',
    'sharp',
    '@audio/decode-mp3',
    '@polymodal/hub',
    '@polymodal/encoder-vision',
    '@polymodal/encoder-audio',
    '@polymodal/encoder-tabular',
    '@polymodal/backend-onnx',
  ]) {
    if (existsSync(join(project, 'node_modules', unwanted))) failures.push(`core + encoder-text pull in ${unwanted}`);
  }
  writeFileSync(
    join(project, 'main.mjs'),
    `import { composeModel, createRegistry, useBackend } from '@polymodal/core';
     import { discoverPlugins, loadModel, saveModel } from '@polymodal/core/node';
     import { text } from '@polymodal/encoder-text';
     import { fusion } from '@polymodal/fusion';
     import { heads } from '@polymodal/heads';
     console.log(String(await useBackend()));
     const registry = createRegistry([text, fusion, heads]);
     const model = composeModel(registry, {
       hiddenSize: 16,
       encoders: { text: { use: 'transformer', numHiddenLayers: 1, numAttentionHeads: 2 } },
       fusion: { use: 'masked-transformer', numHiddenLayers: 1, numAttentionHeads: 2 },
       heads: { mood: { use: 'classification', labels: ['good', 'bad'] } },
     });
     await saveModel(model, 'saved');
     const loaded = await loadModel(createRegistry(await discoverPlugins(process.cwd())), 'saved');
     const [before, after] = [await model.predict([{ text: 'ja' }]), await loaded.predict([{ text: 'ja' }])];
     if (JSON.stringify(before) !== JSON.stringify(after)) throw new Error('a saved model predicts something else');`,
  );
  const outcome = spawnSync(process.execPath, ['main.mjs'], { cwd: project, encoding: 'utf8' });
  if (outcome.status !== 0) failures.push(`the packed packages do not run:\n${outcome.stdout}${outcome.stderr}`);
  else console.log('✓ core + encoder-text alone: installs and runs');
  const modules = join(project, 'node_modules');
  const [all, tensorflow] = [modules, join(modules, '@tensorflow')].map((folder) => Math.round(sizeOf(folder) / 1e6));
  console.log(`✓ core + encoder-text alone: ${all} MB on disk, ${tensorflow} MB of them TensorFlow.js`);
}

/** The command in a project of its own: it finds what is installed, and goes from a table to answers. */
function checkCommand(tarballs) {
  const parts = ['core', 'nn', 'generation', 'encoder-text', 'encoder-tabular', 'fusion', 'heads', 'data', 'trainer'];
  const project = install(tarballs, [...parts, 'backend-onnx', 'hub', 'cli']);
  const rows = Array.from(
    { length: 30 },
    (_, row) => `a text of ${row} words,${row % 7},${(3 * (row % 11) + (row % 3) / 4).toFixed(2)}\n`,
  );
  writeFileSync(join(project, 'goods.csv'), `title,weight,price\n${rows.join('')}`);
  for (const line of [
    'init goods.csv',
    'train --set training.epochs=1 --set model.hiddenSize=8',
    'evaluate runs/goods',
    'predict runs/goods goods.csv --out answers.csv',
  ]) {
    const outcome = spawnSync('npx', ['--no-install', 'polymodal', ...line.split(' ')], {
      cwd: project,
      encoding: 'utf8',
    });
    if (outcome.status === 0) continue;
    failures.push(`polymodal ${line}:\n${outcome.stdout}${outcome.stderr}`);
    return;
  }
  const answers = readFileSync(join(project, 'answers.csv'), 'utf8').trim().split('\n');
  if (answers.length === 31) console.log('✓ polymodal: from a table to answers, in a project of its own');
  else failures.push(`polymodal predict: ${answers.length - 1} answers of 30`);
}

/** The main entries of what models consist of, as a bundler for browsers resolves them: without anything of Node's. */
async function checkBrowserBundle(tarballs) {
  const parts = [
    'core',
    'nn',
    'generation',
    'encoder-text',
    'encoder-vision',
    'encoder-audio',
    'encoder-tabular',
    'fusion',
    'heads',
  ];
  const project = install(tarballs, parts);
  const { build } = createRequire(createRequire(import.meta.url).resolve('tsup'))('esbuild');
  const { errors, metafile } = await build({
    stdin: {
      contents: parts.map((name) => `export * as ${name.replace('-', '')} from '@polymodal/${name}';`).join('\n'),
      resolveDir: project,
    },
    ...{ bundle: true, format: 'esm', platform: 'browser', conditions: ['browser', 'import', 'module'] },
    ...{ outdir: 'unwritten', write: false, minify: true, metafile: true, logLevel: 'silent' },
  }).catch((failure) => failure);
  for (const { text, location } of errors) failures.push(`bundled for browsers: ${text} (${location?.file})`);
  if (errors.length > 0) return;
  const [{ bytes, imports }] = Object.values(metafile.outputs);
  for (const { path, external } of imports)
    if (external) failures.push(`bundled for browsers, it still imports ${path}`);
  console.log(`✓ ${parts.length} packages bundle for browsers: ${(bytes / 1e6).toFixed(1)} MB`);
}

/** An empty project with these packages. */
function install(tarballs, names) {
  const project = mkdtempSync(join(scratch, 'project-'));
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'standalone', type: 'module', private: true }));
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  const wanted = names.map((name) => tarballs[name]);
  run('npm', ['install', ...flags, '@tensorflow/tfjs-core@4.22.0', ...wanted], project);
  return project;
}

/** Bytes that a file or folder takes on disk, as du counts them. */
function sizeOf(path) {
  const stats = lstatSync(path);
  const inside = stats.isDirectory() ? readdirSync(path).map((name) => sizeOf(join(path, name))) : [];
  return inside.reduce((sum, size) => sum + size, (stats.blocks ?? 0) * 512);
}
