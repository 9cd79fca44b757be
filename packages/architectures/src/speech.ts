import { hubertCtc, wav2vec2Ctc } from './ctc';
import { whisperWhole } from './whisper';

export { speechHeads, speechHeads as default, speechRegistry } from './speech-registry';
export {
  type TranscribedSegment,
  type TranscribedWord,
  type Transcript,
  type Transcription,
  transcribe,
  transcribeStream,
} from './whisper/transcribe';
export { hubertCtc, wav2vec2Ctc, whisperWhole };

/** Every family of models that write what is said. */
export const speechFamilies = [whisperWhole, wav2vec2Ctc, hubertCtc] as const;
