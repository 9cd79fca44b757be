import { blipVision } from './blip-vision';
import { clipVision } from './clip-vision';
import { dinov2 } from './dinov2';
import { idefics3Vision } from './idefics3-vision';
import { siglipVision } from './siglip-vision';
import { swin } from './swin';
import { vit } from './vit';

/** Every family of pretrained vision models that this package knows. */
export const visionFamilies = [vit, dinov2, swin, clipVision, siglipVision, idefics3Vision, blipVision] as const;
