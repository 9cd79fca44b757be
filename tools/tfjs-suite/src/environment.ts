import { dirname, join } from 'node:path';
import { type OnnxBackend, registerOnnxBackend } from '@polymodal/backend-onnx';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util';
import { loadExternalBackend } from './external-backend';
import type { BackendName } from './protocol';

/** Backend that this process tests. */
const backendName = process.argv[2] as BackendName;

/** The ONNX backend, if that is the one tested. */
export const onnxBackend = backendName === 'onnx' ? onnx() : null;

if (backendName === 'wasm') setWasmPaths(join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')), '/'));
const external = backendName === 'node' || backendName === 'webgpu' ? loadExternalBackend(backendName) : null;
// Blocks of specs are defined as they are loaded, for the environments that are set by then.
setTestEnvs([{ name: backendName, ...(external ?? { backendName, isDataSync: true }) }]);

/** The suite resets the engine around every block; programs that are compiled stay, so that a second pass can find them. */
function onnx(): OnnxBackend {
  tf.env().set('IS_TEST', true);
  const backend = registerOnnxBackend({ maxPrograms: 100_000, maxProgramBytes: Number.POSITIVE_INFINITY });
  backend.dispose = () => backend.reset();
  return backend;
}
