// Checks the packages as users get them: packed, linted by publint and attw, and two of them installed on their own
// in an empty project, which must work and must not pull in what they do not need.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const scratch = mkdtempSync(join(tmpdir(), 'polymodal-packages-'));
const failures = [];

try {
  run('npx', ['turbo', 'run', 'build', '--filter=./packages/*', '--output-logs=errors-only'], root);
  const tarballs = Object.fromEntries(
    readdirSync(join(root, 'packages')).map((name) => [name, pack(join(root, 'packages', name))]),
  );
  for (const [name, tarball] of Object.entries(tarballs)) await lint(name, tarball);
  checkStandaloneInstallation(tarballs);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

for (const failure of failures) console.error(`✗ ${failure}`);
if (failures.length > 0) process.exit(1);
console.log('All packages are fit to publish.');

function pack(directory) {
  const folder = mkdtempSync(join(scratch, 'tarball-'));
  run(
    'npm',
    ['exec', '--yes', `--package=${packageManager}`, '--', 'pnpm', 'pack', '--pack-destination', folder],
    directory,
  );
  return join(folder, readdirSync(folder)[0]);
}

async function lint(name, tarball) {
  const { messages, pkg } = await publint({
    pack: { tarball: new Uint8Array(readFileSync(tarball)).buffer },
    strict: true,
  });
  for (const message of messages) failures.push(`publint ${name}: ${formatMessage(message, pkg, { color: false })}`);
  const attw = spawnSync('npx', ['attw', tarball, '--profile', 'esm-only', '--format', 'ascii'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (attw.status !== 0) failures.push(`attw ${name}:\n${attw.stdout}${attw.stderr}`);
  else console.log(`✓ ${name}: publint and attw are content`);
}

/** core and encoder-text alone: no picture, sound or ONNX Runtime code may come along. */
function checkStandaloneInstallation(tarballs) {
  const project = mkdtempSync(join(scratch, 'project-'));
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'standalone', type: 'module', private: true }));
  const wanted = ['core', 'hub', 'nn', 'encoder-text', 'fusion', 'heads'].map((name) => tarballs[name]);
  run(
    'npm',
    [
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--prefer-offline',
      '@tensorflow/tfjs-core@4.22.0',
      ...wanted,
    ],
    project,
  );
  for (const unwanted of [
    'onnxruntime-node',
    'onnxruntime-common',
    'sharp',
    '@audio/decode-mp3',
    '@polymodal/encoder-vision',
    '@polymodal/encoder-audio',
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
}

function run(command, args, cwd) {
  const outcome = spawnSync(command, args, { cwd, encoding: 'utf8', shell: process.platform === 'win32' });
  if (outcome.status === 0) return;
  throw new Error(`${command} ${args.join(' ')} failed:\n${outcome.stdout}${outcome.stderr}`);
}
