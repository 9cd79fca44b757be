import type { AdjustmentOptions, PretrainedFiles } from '@polymodal/hub';
import { type PerAxis, perAxis } from '@polymodal/nn';
import type { ImageProcessor } from '../image-processor';
import type { ImageProcessorType } from '../preprocessing/image-processor-type';
import { parsePreprocessorOptions } from '../preprocessing/preprocessor-options';
import { imageProcessorContent, pretrainedImageProcessorOf } from './pretrained-image-processor-of';

type ProcessorFiles = Pick<PretrainedFiles, 'preprocessor' | 'processor'>;

/**
 * Makes the image processor of families whose models take pictures of one size in Python, unless asked to interpolate their positions.
 * Here they always do; that a folder's pictures have another size, which nobody asked for, is told as a warning of the process.
 *
 * @param type whose defaults hold in a file that names none
 */
export function towerImageProcessor(type: ImageProcessorType) {
  return (
    files: ProcessorFiles,
    { imageSize }: { readonly imageSize: PerAxis },
    { imageSize: asked }: AdjustmentOptions,
  ): ImageProcessor | undefined => {
    const given = asked === undefined ? fixedSides(files, type) : undefined;
    const [height, width] = perAxis(imageSize);
    if (given && (given[0] !== height || given[1] !== width)) warn(`${given[0]} × ${given[1]}`, `${height} × ${width}`);
    return pretrainedImageProcessorOf(files, type);
  };
}

/** Height and width of all pictures that come out of a processor; undefined where they differ. */
function fixedSides(files: ProcessorFiles, type: ImageProcessorType): readonly [number, number] | undefined {
  const content = imageProcessorContent(files);
  if (!content) return undefined;
  const { crop, size } = parsePreprocessorOptions(content, type);
  return crop ?? (size && 'height' in size ? [size.height, size.width] : undefined);
}

function warn(given: string, trained: string): void {
  const message =
    `the image processor of the folder makes pictures of ${given} pixels, and its model has positions for ${trained} (image_size), which are ` +
    'interpolated. Python refuses that unless it is asked for; the option imageSize asks for it here.';
  process.emitWarning(message, { type: 'PolymodalWarning', code: 'POLYMODAL_INTERPOLATED' });
}
