import type { Candidate } from './candidate';
import { importPackage, isRefused } from './import-package';
import { setBackend } from './set-backend';

const packageName = '@polymodal/backend-onnx';

/** ONNX Runtime, which comes with its native library inside its npm package. */
export const onnxBackend: Candidate = {
  name: 'onnx',
  packages: [packageName],
  async start() {
    // The install script of onnxruntime-node fetches CUDA libraries that are not used.
    const imported = await importPackage(packageName, `npm install --ignore-scripts ${packageName}`);
    if (isRefused(imported)) return imported;
    try {
      const { description } = (imported.registerOnnxBackend as () => { readonly description: string })();
      return (await setBackend('onnx', packageName)) ?? { description };
    } catch (cause) {
      const { message, hint } = cause as Error & { hint?: string };
      return {
        reason: `${packageName} does not start: ${message}`,
        cause,
        ...(hint !== undefined && { remedy: hint }),
      };
    }
  },
};
