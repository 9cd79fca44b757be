import type { Refused } from './candidate';
import { importPackage, isRefused } from './import-package';

/** The part of a WebGPU adapter that is used here. */
export interface GpuAdapter {
  readonly features: { has(name: string): boolean };
  readonly limits: Readonly<Record<string, number>>;
  readonly info: {
    readonly vendor: string;
    readonly architecture: string;
    readonly description: string;
    /** Whether the CPU plays the graphics card. */
    readonly isFallbackAdapter?: boolean;
  };
  requestDevice(descriptor: object): Promise<unknown>;
}

/** What stands as `navigator.gpu` where there is WebGPU. */
export interface Gpu {
  requestAdapter(options?: object): Promise<GpuAdapter | null>;
}

/** An entry to WebGPU, with an adapter that it has. */
export interface WebGpu {
  readonly gpu: Gpu;
  readonly adapter: GpuAdapter;
  /** Makes it the process's `navigator.gpu`, with the global classes and constants of WebGPU. */
  install(): void;
}

/** The WebGPU that this process has, or the one that the npm package `webgpu` (Dawn for Node) brings. */
export async function findWebGpu(): Promise<WebGpu | Refused> {
  const existing = (globalThis as { navigator?: { gpu?: Gpu } }).navigator?.gpu;
  if (existing) return withAdapter(existing, () => undefined);
  const imported = await importPackage('webgpu');
  if (isRefused(imported)) return imported;
  const gpu = (imported.create as (options: readonly string[]) => Gpu)([]);
  return withAdapter(gpu, () => installGpu(gpu, imported.globals as Readonly<Record<string, unknown>>));
}

async function withAdapter(gpu: Gpu, install: () => void): Promise<WebGpu | Refused> {
  const adapter = await gpu.requestAdapter(adapterOptions);
  if (adapter !== null) return { gpu, adapter, install };
  return {
    reason: 'WebGPU finds no graphics adapter',
    remedy: 'It needs a graphics card with its driver: Vulkan (libvulkan.so.1) on Linux, Direct3D 12 or Metal.',
  };
}

/** How every adapter here is asked for. */
export const adapterOptions = { powerPreference: 'high-performance' } as const;

function installGpu(gpu: Gpu, globals: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(globals)) {
    if (!(name in globalThis)) define(globalThis, name, value);
  }
  // Node has a navigator since 21; TensorFlow.js looks for a browser's window where one has no user agent.
  const userAgent = `Node.js/${process.versions.node.split('.', 1)[0]}`;
  if (!('navigator' in globalThis)) define(globalThis, 'navigator', { userAgent });
  define((globalThis as { navigator?: object }).navigator!, 'gpu', gpu);
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
}
