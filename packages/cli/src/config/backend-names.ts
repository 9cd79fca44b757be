import type { BackendName } from '@polymodal/core';

/** Names of backends, as `useBackend` takes them. */
export const backendNames = ['node-gpu', 'onnx', 'node', 'webgpu', 'wasm', 'cpu'] as const satisfies BackendName[];
