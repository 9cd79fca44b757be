import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cache = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '.cache');

/** Projects outside of the workspace, in which only the packages of some backends are installed. */
export const scratchFolders = {
  /** TensorFlow.js with its WebAssembly and WebGPU backends; filled by this tool. */
  plain: join(cache, 'backends'),
  /** TensorFlow.js with tfjs-node; filled by `tools/tfjs-node/build.mjs`. */
  tfjsNode: join(cache, 'tfjs-node'),
  /** A newer Node, as an npm package; filled by this tool where Node itself is older. */
  newerNode: join(cache, 'newer-node'),
};
