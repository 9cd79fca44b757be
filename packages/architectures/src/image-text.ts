import { clip } from './clip';
import { siglip } from './siglip';

export { imageTextRegistry } from './image-text-registry';
export { clip, siglip };

/** Every family of two towers of pictures and texts. */
export const imageTextFamilies = [clip, siglip] as const;
