import { PolymodalError } from '@polymodal/core';

/** The speech synthesiser could not be started, crashed or said nothing. */
export class SpeechError extends PolymodalError {
  static override readonly code: string = 'SPEECH';
}
