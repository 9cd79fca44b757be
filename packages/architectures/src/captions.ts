import { blip } from './blip';

export { captionHeads, captionHeads as default, captionRegistry } from './caption-registry';
export { blip };

/** Every family of models that write about a picture with a decoder of their own. */
export const captionFamilies = [blip] as const;
