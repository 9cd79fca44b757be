export { OnnxBackend, type OnnxBackendOptions, type OnnxBackendStatistics } from './backend';
export {
  KernelUnavailableError,
  OnnxBackendError,
  type OnnxBackendErrorDetails,
  OnnxRuntimeExecutionError,
  OnnxRuntimeLoadError,
  TensorUnavailableError,
} from './errors';
export { backendName, fallbackKernelNames, nativeKernelNames, registerOnnxBackend } from './register-onnx-backend';
