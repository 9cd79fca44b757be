/** What an {@link OnnxBackendError} says: what was expected, what came, and what to do next. */
export interface OnnxBackendErrorDetails {
  readonly expected: string;
  readonly received: string;
  readonly hint: string;
  readonly cause?: unknown;
}

const marker = Symbol.for('polymodal.backend-onnx.error');

/** Base of the errors that this backend throws; `code` names the case. */
export abstract class OnnxBackendError extends Error {
  abstract readonly code: string;
  readonly expected: string;
  readonly received: string;
  readonly hint: string;
  readonly [marker] = true;

  constructor(message: string, details: OnnxBackendErrorDetails) {
    super(`${message} Expected: ${details.expected}. Received: ${details.received}. ${details.hint}`, {
      cause: details.cause,
    });
    this.name = new.target.name;
    this.expected = details.expected;
    this.received = details.received;
    this.hint = details.hint;
  }

  /** True for errors of this backend, also when they come from a second copy of the package. */
  static isInstance(error: unknown): error is OnnxBackendError {
    return typeof error === 'object' && error !== null && marker in error;
  }
}

/** onnxruntime-node, or its native library, could not be loaded, or does not answer as the backend needs. */
export class OnnxRuntimeLoadError extends OnnxBackendError {
  readonly code = 'ONNX_RUNTIME_LOAD';
}

/** ONNX Runtime refused a recorded graph, or failed while it ran it. */
export class OnnxRuntimeExecutionError extends OnnxBackendError {
  readonly code = 'ONNX_RUNTIME_EXECUTION';
}

/** A tensor has no values: it was disposed, or the run that should have computed it failed. */
export class TensorUnavailableError extends OnnxBackendError {
  readonly code = 'TENSOR_UNAVAILABLE';
}

/** A kernel can run neither natively nor through the cpu backend. */
export class KernelUnavailableError extends OnnxBackendError {
  readonly code = 'KERNEL_UNAVAILABLE';
}

/** A function cannot become a graph: it reads values midway, writes variables, or is not the same at every call. */
export class CaptureError extends OnnxBackendError {
  readonly code = 'CAPTURE';
}

/** A step that is replayed does not give tensors, or has become another one. */
export class ReplayError extends OnnxBackendError {
  readonly code = 'REPLAY';
}

/** A captured function cannot be written as an ONNX file of the kind that was asked for. */
export class ExportError extends OnnxBackendError {
  readonly code = 'EXPORT';
}

/** The file of an exported model cannot be written: the file system refuses, or something else has that name. */
export class ExportFileError extends OnnxBackendError {
  readonly code = 'EXPORT_FILE';
}
