import { OnnxBackendError } from '../errors';

/** A model that ONNX Runtime cannot load. */
export class InferenceModelError extends OnnxBackendError {
  static override readonly code: string = 'INFERENCE_MODEL';
}

/** A request that the model cannot run: wrong names, types or shapes. */
export class InferenceRequestError extends OnnxBackendError {
  static override readonly code: string = 'INFERENCE_REQUEST';
}

/** What a worker is to be made with is no model, or no option of it. */
export class InferenceOptionsError extends OnnxBackendError {
  static override readonly code: string = 'INFERENCE_OPTIONS';
}

/** More requests wait than the queue may hold. */
export class InferenceQueueFullError extends OnnxBackendError {
  static override readonly code: string = 'INFERENCE_QUEUE_FULL';
}

/** The worker thread ended while it loaded the model or ran a request. The next request gets a new thread. */
export class InferenceWorkerCrashError extends OnnxBackendError {
  static override readonly code: string = 'INFERENCE_WORKER_CRASH';
}

/** The worker was closed before the request was run. */
export class InferenceWorkerClosedError extends OnnxBackendError {
  static override readonly code: string = 'INFERENCE_WORKER_CLOSED';
}
