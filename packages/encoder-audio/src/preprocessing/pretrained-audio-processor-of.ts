import type { PretrainedFiles } from '@polymodal/hub';
import type { FeatureExtractorType } from './feature-extractor-type';
import { PretrainedAudioProcessor, type PretrainedAudioProcessorSettings } from './pretrained-audio-processor';

/**
 * The audio processor of a folder, from its preprocessor_config.json or processor_config.json. Undefined where it has neither.
 *
 * @param type whose defaults hold in a file that names none
 */
export function pretrainedAudioProcessorOf(
  { preprocessor, processor }: Pick<PretrainedFiles, 'preprocessor' | 'processor'>,
  type: FeatureExtractorType,
  settings: Omit<PretrainedAudioProcessorSettings, 'type'> = {},
): PretrainedAudioProcessor | undefined {
  const content = preprocessor ?? processor?.feature_extractor ?? undefined;
  return content && new PretrainedAudioProcessor(content, { ...settings, type });
}
