import * as tf from '@tensorflow/tfjs-core';
import type { Candidate } from './candidate';
import { importPackage, isRefused } from './import-package';
import { setBackend } from './set-backend';
import { adapterOptions, findWebGpu, type Gpu, type GpuAdapter } from './web-gpu';

const packageName = '@tensorflow/tfjs-backend-webgpu';
const packages = [packageName, 'webgpu'];

/**
 * WebGPU; in Node through the npm package `webgpu`. A software adapter is taken only when this backend is asked for by
 * name: a 1024 × 1024 matrix product takes SwiftShader a hundred times as long as WebAssembly.
 */
export const webGpuBackend: Candidate = {
  name: 'webgpu',
  packages,
  async start(named) {
    const imported = await importPackage(packageName, `npm install ${packages.join(' ')}`);
    if (isRefused(imported)) return imported;
    const webGpu = await findWebGpu();
    if ('reason' in webGpu) return webGpu;
    const adapter = describe(webGpu.adapter);
    if (webGpu.adapter.info.isFallbackAdapter && !named) {
      return { reason: `WebGPU finds only a software adapter (${adapter}), which is slower than WebAssembly` };
    }
    webGpu.install();
    registerUnlessThere(webGpu.gpu, imported.WebGPUBackend as WebGpuBackendClass);
    return (await setBackend('webgpu', packageName)) ?? { description: adapter };
  },
};

type WebGpuBackendClass = new (device: unknown, info: GpuAdapter['info']) => tf.KernelBackend;

/** The package registers its backend itself only where `navigator.gpu` was there before its import. */
function registerUnlessThere(gpu: Gpu, WebGPUBackend: WebGpuBackendClass): void {
  if (tf.findBackendFactory('webgpu') !== null) return;
  const factory = async () => {
    const adapter = (await gpu.requestAdapter(adapterOptions))!;
    return new WebGPUBackend(await adapter.requestDevice(deviceDescriptor(adapter)), adapter.info);
  };
  tf.registerBackend('webgpu', factory, 3);
}

/** The features and limits that the package asks for as well. */
function deviceDescriptor({ features, limits }: GpuAdapter): object {
  const raised = [
    'maxComputeWorkgroupStorageSize',
    'maxComputeWorkgroupsPerDimension',
    'maxStorageBufferBindingSize',
    'maxBufferSize',
    'maxComputeWorkgroupSizeX',
    'maxComputeInvocationsPerWorkgroup',
  ];
  return {
    requiredFeatures: ['timestamp-query', 'bgra8unorm-storage'].filter((name) => features.has(name)),
    requiredLimits: Object.fromEntries(raised.map((name) => [name, limits[name]])),
  };
}

function describe({ info }: GpuAdapter): string {
  return info.description || `${info.vendor} ${info.architecture}`.trim() || 'an unnamed adapter';
}
