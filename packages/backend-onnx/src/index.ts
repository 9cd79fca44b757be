export { OnnxBackend, type OnnxBackendOptions, type OnnxBackendStatistics } from './backend';
export type { OnnxCapabilities } from './capabilities';
export type { Capturable, GraphModel, LayersModel } from './capture/model-function';
export { type CompiledFunction, type CompileStatistics, compile } from './compile/compile';
export type { CompileOptions } from './compile/compile-options';
export {
  CaptureError,
  ExportError,
  ExportFileError,
  KernelUnavailableError,
  OnnxBackendError,
  type OnnxBackendErrorDetails,
  OnnxRuntimeExecutionError,
  OnnxRuntimeLoadError,
  ReplayError,
  TensorUnavailableError,
} from './errors';
export type { DynamicAxes } from './export/dynamic-sizes';
export { type ExportedModel, type ExportedTensor, type ExportOptions, exportOnnx } from './export/export-onnx';
export { backendName, fallbackKernelNames, nativeKernelNames, registerOnnxBackend } from './register-onnx-backend';
export { type ReplayedStep, type ReplayOptions, type ReplayStatistics, replay } from './replay/replay';
export {
  InferenceModelError,
  InferenceOptionsError,
  InferenceQueueFullError,
  InferenceRequestError,
  InferenceWorkerClosedError,
  InferenceWorkerCrashError,
} from './worker/inference-errors';
export type { InferenceArray, InferenceTensor, InferenceTensors, InferenceType } from './worker/inference-tensor';
export {
  createInferenceWorker,
  type InferenceRunOptions,
  type InferenceWorker,
  type InferenceWorkerOptions,
} from './worker/inference-worker';
