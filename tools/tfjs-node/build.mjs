// Builds @tensorflow/tfjs-node without the downloads of its install script: against the libtensorflow inside a
// tensorflow-cpu wheel. Optional, never part of the set-up: see README.md beside this file.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const tfjsNodeVersion = '4.22.0';
// tfjs-node was written against 2.9.1. The libtensorflow_cc.so.2 that it needs is in wheels since 2.12.
const tensorflowVersion = '2.12.1';
const nodeGypVersion = '12.4.0';

const folder = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), '.cache', 'tfjs-node');
const wheels = join(folder, 'wheels');
const tfjsNode = join(folder, 'node_modules', '@tensorflow', 'tfjs-node');
const python = process.env.PYTHON ?? 'python3';

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error('Only Linux on x64 has tensorflow-cpu wheels with a libtensorflow_cc.so.2; elsewhere use npm install.');
  process.exit(1);
}

step(`@tensorflow/tfjs-node ${tfjsNodeVersion} without its install script`, installPackages);
step(`libtensorflow out of the tensorflow-cpu ${tensorflowVersion} wheel`, unpackLibtensorflow);
step('the native addon (node-gyp: needs make and g++)', buildAddon);
step('a matrix product', multiply);
console.log(`@tensorflow/tfjs-node works in ${folder}`);

function installPackages() {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const packages = [`@tensorflow/tfjs-node@${tfjsNodeVersion}`, `node-gyp@${nodeGypVersion}`];
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', ...packages]);
}

function unpackLibtensorflow() {
  // The wheel's Python version does not matter: libtensorflow_cc.so.2 knows nothing of Python.
  const target = ['--python-version', '3.11', '--implementation', 'cp', '--platform', 'manylinux2014_x86_64'];
  const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', ...target, '--dest', wheels];
  run(python, [...pip, `tensorflow-cpu==${tensorflowVersion}`]);
  const wheel = readdirSync(wheels).find((name) => name.startsWith(`tensorflow_cpu-${tensorflowVersion}-`));
  const wanted = 'tensorflow/include/tensorflow/',
    library = 'tensorflow/libtensorflow_';
  run(python, [
    '-c',
    'import sys, zipfile; archive = zipfile.ZipFile(sys.argv[1]);' +
      `archive.extractall(sys.argv[2], [name for name in archive.namelist() if name.startswith(("${wanted}", "${library}"))])`,
    join(wheels, wheel),
    wheels,
  ]);
  linkLibraries();
}

/** Under the names that tfjs-node's binding.gyp links against, and those that the libraries call themselves. */
function linkLibraries() {
  const deps = join(tfjsNode, 'deps');
  rmSync(deps, { recursive: true, force: true });
  mkdirSync(join(deps, 'lib'), { recursive: true });
  symlinkSync(join(wheels, 'tensorflow', 'include'), join(deps, 'include'));
  for (const [name, as] of Object.entries({ cc: 'libtensorflow', framework: 'libtensorflow_framework' })) {
    const file = `libtensorflow_${name}.so.2`;
    linkSync(join(wheels, 'tensorflow', file), join(deps, 'lib', file));
    symlinkSync(file, join(deps, 'lib', `${as}.so`));
  }
}

function buildAddon() {
  // What node-pre-gyp would pass on; 8 is the newest Node-API that tfjs-node names.
  const variables = ['--module_name=tfjs_binding', `--module_path=${join(tfjsNode, 'lib', 'napi-v8')}`];
  const nodeGyp = join(folder, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  run(process.execPath, [nodeGyp, 'rebuild', ...variables, '--napi_build_version=8', ...localHeaders()], tfjsNode);
}

/** Node's installations bring their headers along; without them node-gyp downloads them. */
function localHeaders() {
  const installation = dirname(dirname(realpathSync(process.execPath)));
  return existsSync(join(installation, 'include', 'node', 'node_api.h')) ? [`--nodedir=${installation}`] : [];
}

function multiply() {
  const program = `
    const util = require('node:util'); // removed in Node 23; useBackend puts them back
    util.isArray ??= Array.isArray;
    util.isNullOrUndefined ??= (value) => value == null;
    const tf = require('@tensorflow/tfjs-node');
    if (tf.getBackend() !== 'tensorflow') throw new Error('another backend runs');
    if (tf.matMul([[1, 2]], [[3], [4]]).dataSync()[0] !== 11) throw new Error('[1 2] · [3 4] is not 11');`;
  run(process.execPath, ['--input-type=commonjs', '--eval', program]);
}

function step(name, work) {
  console.log(`… ${name}`);
  work();
}

function run(command, args, cwd = folder) {
  const outcome = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (outcome.status === 0) return;
  const said = outcome.error?.message ?? `${outcome.stdout}${outcome.stderr}`;
  console.error(`${command} ${args.join(' ')} failed:\n${said}`);
  process.exit(1);
}
