// Which backend is taken, and what is said, for what is installed. Every case runs useBackend from its source in a Node
// process and a project of its own.
//
// The graphics cards, and the packages that are large or need a compiler, are not to be had in a test: LOOK-ALIKES STAND
// IN FOR THEM here. They tell that the branches are taken, not that TensorFlow or Dawn works; `npm run check:backends`
// runs the real packages.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'tsup';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

describe.concurrent('tfjs-node-gpu (a look-alike)', () => {
  it('is taken before everything else where a GPU is visible to it', async () => {
    const choice = await useBackendIn({
      '@tensorflow/tfjs-node-gpu': tfjsNode({ package: 'gpu', gpuVisible: true }),
      '@polymodal/backend-onnx': onnx,
    });
    expect(choice).toMatchObject({ name: 'node-gpu', current: 'tensorflow', passedOver: [] });
    expect(choice.line).toBe('node-gpu (TensorFlow 2.9.1, gpu)');
  });

  it('is passed over without a GPU, and the next best taken', async () => {
    const choice = await useBackendIn({
      '@tensorflow/tfjs-node-gpu': tfjsNode({ package: 'gpu', gpuVisible: false }),
      '@polymodal/backend-onnx': onnx,
    });
    expect(choice.current).toBe('onnx');
    expect(choice.line).toBe('onnx (a look-alike): no GPU is visible to @tensorflow/tfjs-node-gpu');
  });

  it('does the work of tfjs-node where it has no GPU and nothing better is there', async () => {
    const choice = await useBackendIn({
      '@tensorflow/tfjs-node-gpu': tfjsNode({ package: 'gpu', gpuVisible: false }),
      '@tensorflow/tfjs-node': 'throw new Error("two libtensorflows in a process")',
    });
    expect(choice.name).toBe('node');
    expect(choice.description).toBe('TensorFlow 2.9.1, cpu, through @tensorflow/tfjs-node-gpu');
  });

  it('leaves the current backend where it is asked for by name and has no GPU', async () => {
    const choice = await useBackendIn(
      { '@tensorflow/tfjs-node-gpu': tfjsNode({ package: 'gpu', gpuVisible: false }) },
      "useBackend('cpu').then(() => useBackend('node-gpu'))",
    );
    expect(choice.error).toBe(
      'BackendError: useBackend("node-gpu"): expected a working @tensorflow/tfjs-node-gpu, received no GPU is visible to ' +
        '@tensorflow/tfjs-node-gpu. It needs an NVIDIA GPU with its driver, and the CUDA and cuDNN that its TensorFlow ' +
        'was built for.',
    );
    expect(choice.current).toBe('cpu');
  });

  it('is not confused with tfjs-node that the program imported before', async () => {
    const choice = await useBackendIn(
      {
        '@tensorflow/tfjs-node': tfjsNode({ package: 'cpu', gpuVisible: false }),
        '@tensorflow/tfjs-node-gpu': tfjsNode({ package: 'gpu', gpuVisible: true }),
      },
      "import('@tensorflow/tfjs-node').then(() => useBackend())",
    );
    expect(choice.name).toBe('node');
    expect(choice.passedOver?.[0]?.reason).toContain('@tensorflow/tfjs-node was loaded first');
  });
});

describe.concurrent('tfjs-node (a look-alike)', () => {
  it('is taken where the ONNX backend is not installed', async () => {
    const choice = await useBackendIn({ '@tensorflow/tfjs-node': tfjsNode({ package: 'cpu', gpuVisible: false }) });
    expect(choice.line).toBe(
      'node (TensorFlow 2.9.1, cpu): @tensorflow/tfjs-node-gpu is not installed; @polymodal/backend-onnx is not installed',
    );
  });

  it('finds the functions of util that Node 23 removed', async () => {
    const choice = await useBackendIn(
      {
        '@tensorflow/tfjs-node': `globalThis.seen = { ...functions() };${tfjsNode({ package: 'cpu', gpuVisible: false })}
        function functions() {
          const { isArray, isNullOrUndefined } = require('util');
          return { isArray: isArray([]), isNullOrUndefined: isNullOrUndefined(null) };
        }`,
      },
      `import('node:util').then(({ default: util }) => {
        delete util.isArray;
        delete util.isNullOrUndefined;
        return useBackend();
      })`,
    );
    expect(choice.name).toBe('node');
    expect(choice.seen).toEqual({ isArray: true, isNullOrUndefined: true });
  });

  it('is passed over where its native part is missing, and says so when asked for by name', async () => {
    const broken = 'throw new Error("The Node.js native addon module (tfjs_binding.node) can not be found.\\nSee …")';
    const choice = await useBackendIn({ '@tensorflow/tfjs-node': broken }, "useBackend('node')");
    expect(choice.error).toContain(
      'does not load: The Node.js native addon module (tfjs_binding.node) can not be found.',
    );
    expect(choice.error).toContain('try npm rebuild @tensorflow/tfjs-node');
  });
});

describe.concurrent('WebGPU (a look-alike)', () => {
  const backend = '@tensorflow/tfjs-backend-webgpu';

  it('is taken with a graphics card, which becomes navigator.gpu with its limits', async () => {
    const choice = await useBackendIn({ [backend]: tfjsWebGpu, webgpu: webgpu({ isFallbackAdapter: false }) });
    expect(choice).toMatchObject({ name: 'webgpu', description: 'Look-alike 3000', current: 'webgpu' });
    expect(choice.seen).toEqual({
      navigatorGpu: true,
      GPUBufferUsage: 'a global',
      features: ['timestamp-query'],
      maxBufferSize: 1024,
    });
  });

  it('is passed over where there is no graphics adapter', async () => {
    const choice = await useBackendIn({ [backend]: tfjsWebGpu, webgpu: webgpu(null) });
    expect(choice.name).toBe('cpu');
    expect(choice.passedOver).toContainEqual({ name: 'webgpu', reason: 'WebGPU finds no graphics adapter' });
  });

  it('is passed over with a software adapter, unless it is asked for by name', async () => {
    const packages = { [backend]: tfjsWebGpu, webgpu: webgpu({ isFallbackAdapter: true }) };
    const [best, named] = await Promise.all([useBackendIn(packages), useBackendIn(packages, "useBackend('webgpu')")]);
    expect(best.name).toBe('cpu');
    expect(best.line).toContain('WebGPU finds only a software adapter (Look-alike 3000)');
    expect(named).toMatchObject({ name: 'webgpu', current: 'webgpu' });
  });

  it('says which package brings it to Node', async () => {
    const { error } = await useBackendIn({ [backend]: tfjsWebGpu }, "useBackend('webgpu')");
    expect(error).toContain('received webgpu is not installed. Install it with: npm install webgpu');
  });
});

describe.concurrent('without a native backend', () => {
  const advice =
    'For native speed use @polymodal/backend-onnx. Install it with: npm install --ignore-scripts @polymodal/backend-onnx';

  it('WebAssembly (the real one) is taken, and the choice says what to install', async () => {
    const choice = await useBackendIn({ '@tensorflow/tfjs-backend-wasm': 'installed' });
    expect(choice).toMatchObject({ name: 'wasm', current: 'wasm', advice });
    expect(choice.line).toMatch(new RegExp(`^wasm \\(.*\\. ${advice}$`));
  });

  it('plain JavaScript is taken, and the choice says what to install', async () => {
    const choice = await useBackendIn({});
    expect(choice).toMatchObject({ name: 'cpu', current: 'cpu', advice });
    expect(choice.passedOver?.map(({ name }) => name)).toEqual(['node-gpu', 'onnx', 'node', 'webgpu', 'wasm']);
  });

  it('a package that lacks one of its own is not called missing', async () => {
    const { error } = await useBackendIn({ '@tensorflow/tfjs-node': "require('absent')" }, "useBackend('node')");
    expect(error).toContain("@tensorflow/tfjs-node does not load: Cannot find module 'absent'");
  });
});

/** A backend that registers as tfjs-node does, at its import, and runs nothing. */
function tfjsNode(look: { package: 'cpu' | 'gpu'; gpuVisible: boolean }): string {
  return `
    const tf = require('@tensorflow/tfjs-core');
    class LookAlike extends tf.KernelBackend {
      isGPUPackage = ${look.package === 'gpu'};
      isUsingGpuDevice = ${look.gpuVisible};
      binding = { TF_Version: '2.9.1' };
    }
    tf.registerBackend('tensorflow', () => new LookAlike(), 3);
    tf.setBackend('tensorflow');`;
}

const onnx = `
  const tf = require('@tensorflow/tfjs-core');
  exports.registerOnnxBackend = () => {
    tf.registerBackend('onnx', () => new (class extends tf.KernelBackend {})());
    return { description: 'a look-alike' };
  };`;

/** The package 'webgpu' with one adapter or none. */
function webgpu(adapter: { isFallbackAdapter: boolean } | null): string {
  return `
    const adapter = {
      features: new Set(['timestamp-query']),
      limits: { maxBufferSize: 1024 },
      info: { description: 'Look-alike 3000', ...${JSON.stringify(adapter)} },
      requestDevice: async (descriptor) => descriptor,
    };
    exports.globals = { GPUBufferUsage: 'a global' };
    exports.create = () => ({ requestAdapter: async () => ${adapter ? 'adapter' : 'null'} });`;
}

const tfjsWebGpu = `
  const tf = require('@tensorflow/tfjs-core');
  exports.WebGPUBackend = class extends tf.KernelBackend {
    constructor({ requiredFeatures: features, requiredLimits: { maxBufferSize } }) {
      super();
      const navigatorGpu = navigator.gpu !== undefined;
      globalThis.seen = { navigatorGpu, GPUBufferUsage: globalThis.GPUBufferUsage, features, maxBufferSize };
    }
  };`;

/** Source text of a CommonJS package, or `'installed'` for the real one of this workspace. */
type Packages = Readonly<Record<string, string>>;

/** What the program printed of the choice or the error; `seen` is what a look-alike left. */
interface Printed {
  readonly name?: string;
  readonly description?: string;
  readonly passedOver?: readonly { readonly name: string; readonly reason: string }[];
  readonly advice?: string;
  readonly line?: string;
  readonly error?: string;
  readonly current: string;
  readonly seen?: unknown;
}

const core = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const scratch = mkdtempSync(join(tmpdir(), 'polymodal-backends-'));

beforeAll(async () => {
  const entry = { 'use-backend': join(core, 'src', 'backend', 'use-backend.ts') };
  await build({ entry, outDir: scratch, format: 'esm', config: false, silent: true, external: [/^@/, 'webgpu'] });
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function useBackendIn(packages: Packages, call = 'useBackend()'): Promise<Printed> {
  const project = mkdtempSync(join(scratch, 'project-'));
  for (const [name, source] of Object.entries({ ...alwaysInstalled, ...packages })) install(project, name, source);
  cpSync(join(scratch, 'use-backend.js'), join(project, 'use-backend.mjs'));
  writeFileSync(join(project, 'main.mjs'), program(call));
  const { stdout } = await promisify(execFile)(process.execPath, ['main.mjs'], { cwd: project });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Printed;
}

const alwaysInstalled: Packages = {
  '@tensorflow/tfjs-core': 'installed',
  '@tensorflow/tfjs-backend-cpu': 'installed',
  'fastest-levenshtein': 'installed',
};

function install(project: string, name: string, source: string): void {
  const folder = join(project, 'node_modules', name);
  mkdirSync(dirname(folder), { recursive: true });
  if (source === 'installed') {
    symlinkSync(join(core, 'node_modules', name), folder, 'junction');
    return;
  }
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '0.0.0', main: 'index.js' }));
  writeFileSync(join(folder, 'index.js'), source);
}

function program(call: string): string {
  return `
    import * as tf from '@tensorflow/tfjs-core';
    import { useBackend } from './use-backend.mjs';
    const outcome = await Promise.resolve()
      .then(() => ${call})
      .then((choice) => ({ ...choice, line: String(choice) }), (error) => ({ error: String(error) }));
    console.log(JSON.stringify({ ...outcome, current: tf.getBackend(), seen: globalThis.seen }));`;
}
