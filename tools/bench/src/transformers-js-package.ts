import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NotInstalledError } from './serve';

const packageName = '@huggingface/transformers';

/** A model of transformers.js: named tensors in, named tensors out. */
type TransformersJsModel = (inputs: Record<string, unknown>) => Promise<{ last_hidden_state: { data: Float32Array } }>;

interface ModelClass<Model> {
  from_pretrained(
    name: string,
    options: { dtype: string; device: string; model_file_name: string; session_options?: object },
  ): Promise<Model>;
}

/** A model that writes texts. */
interface TransformersJsDecoder {
  generate(options: Record<string, unknown>): Promise<{ data: BigInt64Array }>;
}

/** The part of transformers.js that is used here. */
export interface TransformersJs {
  readonly env: { allowRemoteModels: boolean; localModelPath: string };
  readonly AutoModel: ModelClass<TransformersJsModel>;
  readonly CLIPVisionModel: ModelClass<TransformersJsModel>;
  readonly AutoModelForCausalLM: ModelClass<TransformersJsDecoder>;
  readonly pipeline: (
    task: 'automatic-speech-recognition',
    name: string,
    options: { dtype: string; device: string },
  ) => Promise<(samples: Float32Array, options: Record<string, unknown>) => Promise<{ text: string }>>;
  readonly AutoTokenizer: { from_pretrained(name: string): Promise<{ encode(text: string): number[] }> };
  readonly Tensor: new (
    type: string,
    data: Int32Array | Float32Array | BigInt64Array,
    shape: readonly number[],
  ) => object;
}

/** Where transformers.js is installed, and how. */
export const transformersFolder = fileURLToPath(new URL('../.cache', import.meta.url));
export const installTransformers =
  'npm install --ignore-scripts --prefix tools/bench/.cache @huggingface/transformers@4.3.1, in the root of the repository';

/** Loads transformers.js from the folder where it is installed. @throws NotInstalledError */
export function loadTransformersJs(place: string): TransformersJs {
  const require = createRequire(join(place, 'package.json'));
  let path: string;
  try {
    path = require.resolve(packageName);
  } catch {
    throw new NotInstalledError(packageName);
  }
  return require(path) as TransformersJs;
}

/** Loads `onnx/model.onnx` of a folder. @param threads that it may take; what ONNX Runtime thinks best by default */
export function loadLocal<Model>(
  { env }: TransformersJs,
  modelClass: ModelClass<Model>,
  folder: string,
  threads?: number,
): Promise<Model> {
  env.allowRemoteModels = false;
  env.localModelPath = dirname(folder);
  const options = {
    dtype: 'fp32',
    device: 'cpu',
    model_file_name: 'model',
    ...(threads !== undefined && { session_options: { intraOpNumThreads: threads } }),
  };
  return modelClass.from_pretrained(basename(folder), options);
}
