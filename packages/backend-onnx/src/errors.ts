/** What an {@link OnnxBackendError} says: what was expected, what came, and what to do next. */
export interface OnnxBackendErrorDetails {
  /** Where in the user's input the fault lies. */
  readonly where?: string;
  readonly expected: string;
  readonly received: string;
  readonly hint: string;
  readonly cause?: unknown;
}

/** Under it stand the codes of an error's classes: the root that errors of all Polymodal packages share. */
const marker = Symbol.for('polymodal.error');

/**
 * Base of the errors that this backend throws; `code` names the case. For `@polymodal/core` they are errors of Polymodal:
 * `PolymodalError.isInstance` holds.
 */
export abstract class OnnxBackendError extends Error {
  static readonly code: string = 'ONNX_BACKEND';
  /** Where in the user's input the fault lies, once who uses the backend has said so with {@link OnnxBackendError.at}. */
  readonly where: string | undefined;
  readonly expected: string;
  readonly received: string;
  readonly hint: string;
  readonly #said: string;

  constructor(message: string, details: OnnxBackendErrorDetails) {
    const place = details.where === undefined ? '' : `${details.where}: `;
    super(`${place}${message} Expected: ${details.expected}. Received: ${details.received}. ${details.hint}`, {
      cause: details.cause,
    });
    this.name = new.target.name;
    this.#said = message;
    this.where = details.where;
    this.expected = details.expected;
    this.received = details.received;
    this.hint = details.hint;
    const codes = [...new Set([new.target.code, OnnxBackendError.code, 'POLYMODAL'])];
    Object.defineProperty(this, marker, { value: codes });
  }

  get code(): string {
    return (this.constructor as typeof OnnxBackendError).code;
  }

  /** The same error, said of a place. */
  at(where: string): this {
    const { expected, received, hint, cause = this } = this;
    const Same = this.constructor as new (message: string, details: OnnxBackendErrorDetails) => this;
    return new Same(this.#said, { where, expected, received, hint, cause });
  }

  /** Whether a caught value is an error of this class or of one below it, also when it comes from a second copy of the package. */
  static isInstance<Own extends OnnxBackendError>(this: ErrorClass<Own>, error: unknown): error is Own {
    if (typeof error !== 'object' || error === null) return false;
    const codes = (error as { readonly [marker]?: unknown })[marker];
    // biome-ignore lint/complexity/noThisInStatic: the class that is asked, not this base
    return Array.isArray(codes) && codes.includes(this.code);
  }
}

type ErrorClass<Own> = (abstract new (...args: never[]) => Own) & { readonly code: string };

/** onnxruntime-node, or its native library, could not be loaded, or does not answer as the backend needs. */
export class OnnxRuntimeLoadError extends OnnxBackendError {
  static override readonly code: string = 'ONNX_RUNTIME_LOAD';
}

/** ONNX Runtime refused a recorded graph, or failed while it ran it. */
export class OnnxRuntimeExecutionError extends OnnxBackendError {
  static override readonly code: string = 'ONNX_RUNTIME_EXECUTION';
}

/** A tensor has no values: it was disposed, or the run that should have computed it failed. */
export class TensorUnavailableError extends OnnxBackendError {
  static override readonly code: string = 'TENSOR_UNAVAILABLE';
}

/** A kernel can run neither natively nor through the cpu backend. */
export class KernelUnavailableError extends OnnxBackendError {
  static override readonly code: string = 'KERNEL_UNAVAILABLE';
}

/** A function cannot become a graph: it reads values midway, writes variables, or is not the same at every call. */
export class CaptureError extends OnnxBackendError {
  static override readonly code: string = 'CAPTURE';
}

/** A step that is replayed does not give tensors, or has become another one. */
export class ReplayError extends OnnxBackendError {
  static override readonly code: string = 'REPLAY';
}

/** A captured function cannot be written as an ONNX file of the kind that was asked for. */
export class ExportError extends OnnxBackendError {
  static override readonly code: string = 'EXPORT';
}

/** The file of an exported model cannot be written: the file system refuses, or something else has that name. */
export class ExportFileError extends OnnxBackendError {
  static override readonly code: string = 'EXPORT_FILE';
}
