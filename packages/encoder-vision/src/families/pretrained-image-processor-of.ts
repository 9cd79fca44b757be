import type { PretrainedFiles } from '@polymodal/hub';
import type { ImageProcessor } from '../image-processor';
import type { ImageProcessorType } from '../preprocessing/image-processor-type';
import { pretrainedImageProcessor } from '../preprocessing/pretrained-image-processor';

/**
 * The image processor of a folder, from its preprocessor_config.json or processor_config.json. Undefined where it has neither.
 *
 * @param type whose defaults hold in a file that names none
 */
export function pretrainedImageProcessorOf(
  files: Pick<PretrainedFiles, 'preprocessor' | 'processor'>,
  type: ImageProcessorType,
): ImageProcessor | undefined {
  const content = imageProcessorContent(files);
  return content && pretrainedImageProcessor(content, { type });
}

/** What a folder says of its image processor. */
export function imageProcessorContent({
  preprocessor,
  processor,
}: Pick<PretrainedFiles, 'preprocessor' | 'processor'>) {
  return preprocessor ?? processor?.image_processor ?? undefined;
}
