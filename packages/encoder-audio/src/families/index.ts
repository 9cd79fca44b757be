import { ast } from './ast';
import { clapAudio } from './clap-audio';
import { hubert } from './hubert';
import { wav2vec2 } from './wav2vec2';
import { whisper } from './whisper';

/** Every family of pretrained audio models that this package knows. */
export const audioFamilies = [wav2vec2, hubert, whisper, ast, clapAudio] as const;
