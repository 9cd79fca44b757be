import { whisperWhole } from './whisper';

export { speechRegistry } from './speech-registry';
export {
  type TranscribedSegment,
  type Transcript,
  type Transcription,
  transcribe,
  transcribeStream,
} from './whisper/transcribe';
export { whisperWhole };

/** Every family of models that write what is said. */
export const speechFamilies = [whisperWhole] as const;
