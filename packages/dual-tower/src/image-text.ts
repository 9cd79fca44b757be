import { clip } from './clip';
import { siglip } from './siglip';

export { clip, siglip };

/** Every family of dual towers of pictures and texts. */
export const imageTextFamilies = [clip, siglip] as const;
