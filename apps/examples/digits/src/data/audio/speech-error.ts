import { PolymodalError } from '@polymodal/core';

/** The speech synthesiser could not be started, crashed or said nothing. */
export class SpeechError extends PolymodalError {
  readonly code = 'SPEECH';
}
