import * as tf from '@tensorflow/tfjs';
import { BackendError } from './errors';
import { suggestNames } from './nearest-names';

/** The backends that Polymodal knows, best first. */
export type BackendName = 'node-gpu' | 'onnx' | 'node' | 'webgpu' | 'wasm' | 'cpu';

/** Which backend was taken, and why none of the better ones. */
export interface BackendChoice {
  readonly name: BackendName;
  /** What it runs on, e.g. `ONNX Runtime 1.30.0, cpu`. */
  readonly description: string;
  readonly passedOver: readonly { readonly name: BackendName; readonly reason: string }[];
  /** All of it in one line, to show a person. */
  toString(): string;
}

interface Candidate {
  readonly name: BackendName;
  /** The package to install for it. */
  readonly package: string;
  /** The name under which TensorFlow.js knows it. */
  readonly tfName: string;
  /** Registers the backend if importing its package does not, and says what it runs on. */
  readonly register?: (module: Record<string, unknown>) => string;
  /** Why the running backend is not to be taken after all. */
  readonly refuse?: () => string | undefined;
}

const candidates: readonly Candidate[] = [
  {
    name: 'node-gpu',
    package: '@tensorflow/tfjs-node-gpu',
    tfName: 'tensorflow',
    refuse: () => {
      const { isUsingGpuDevice } = tf.backend() as { isUsingGpuDevice?: boolean };
      return isUsingGpuDevice ? undefined : 'no GPU is visible to it';
    },
  },
  {
    name: 'onnx',
    package: '@polymodal/backend-onnx',
    tfName: 'onnx',
    register: (module) => (module.registerOnnxBackend as () => { description: string })().description,
  },
  { name: 'node', package: '@tensorflow/tfjs-node', tfName: 'tensorflow' },
  { name: 'webgpu', package: '@tensorflow/tfjs-backend-webgpu', tfName: 'webgpu' },
  { name: 'wasm', package: '@tensorflow/tfjs-backend-wasm', tfName: 'wasm' },
  { name: 'cpu', package: '@tensorflow/tfjs', tfName: 'cpu' },
];

/**
 * Starts the best backend that is installed, or the one named, and makes it TensorFlow.js's current one.
 *
 * The order is: `@tensorflow/tfjs-node-gpu` with a visible GPU, `@polymodal/backend-onnx`, `@tensorflow/tfjs-node`,
 * `@tensorflow/tfjs-backend-webgpu`, `@tensorflow/tfjs-backend-wasm`, and the plain JavaScript one.
 *
 * ```ts
 * console.log(String(await useBackend()));
 * ```
 *
 * @throws BackendError if the named backend is unknown, not installed or does not start
 */
export async function useBackend(name?: BackendName): Promise<BackendChoice> {
  if (name !== undefined) {
    const candidate = candidates.find((known) => known.name === name);
    if (!candidate) {
      const known = candidates.map((candidate) => candidate.name);
      throw new BackendError({
        where: 'useBackend',
        expected: 'the name of a backend',
        received: `"${name}"`,
        hint: suggestNames(name, known),
      });
    }
    const outcome = await start(candidate);
    if ('description' in outcome) return choice(candidate.name, outcome.description, []);
    throw new BackendError({
      where: `useBackend("${name}")`,
      expected: `a working ${candidate.package}`,
      received: outcome.reason,
      hint: `Install it with: npm install ${candidate.package}`,
      cause: outcome.cause,
    });
  }
  const passedOver: { name: BackendName; reason: string }[] = [];
  for (const candidate of candidates) {
    const outcome = await start(candidate);
    if ('description' in outcome) return choice(candidate.name, outcome.description, passedOver);
    passedOver.push({ name: candidate.name, reason: outcome.reason });
  }
  throw new BackendError({
    where: 'useBackend',
    expected: 'at least the plain JavaScript backend to start',
    received: passedOver.map(({ name, reason }) => `${name}: ${reason}`).join('; '),
  });
}

type Outcome = { readonly description: string } | { readonly reason: string; readonly cause?: unknown };

async function start(candidate: Candidate): Promise<Outcome> {
  let module: Record<string, unknown>;
  try {
    module = await import(candidate.package);
  } catch (cause) {
    const missing = (cause as { code?: string }).code === 'ERR_MODULE_NOT_FOUND';
    const reason = missing
      ? `${candidate.package} is not installed`
      : `${candidate.package}: ${(cause as Error).message}`;
    return { reason, cause };
  }
  try {
    const description = candidate.register?.(module);
    if (!(await tf.setBackend(candidate.tfName))) return { reason: `${candidate.package} did not start` };
    await tf.ready();
    const refusal = candidate.refuse?.();
    if (refusal) return { reason: refusal };
    return { description: description ?? candidate.package };
  } catch (cause) {
    return { reason: `${candidate.package}: ${(cause as Error).message}`, cause };
  }
}

function choice(name: BackendName, description: string, passedOver: BackendChoice['passedOver']): BackendChoice {
  const why = passedOver.map(({ reason }) => reason).join('; ');
  return { name, description, passedOver, toString: () => `${name} (${description})${why && `: ${why}`}` };
}
