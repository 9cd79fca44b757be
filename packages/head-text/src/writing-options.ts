import { generationOptions } from '@polymodal/generation';
import { z } from 'zod';

/** What may be asked of a head that writes, at each prediction. */
export const writingOptions = generationOptions.extend({
  /**
   * Of drawing: what is drawn follows from it and from the row's place in its batch, since equal prompts of one call shall differ. So a
   * sample draws the same in calls of its own alone. Something else each time by default.
   */
  seed: z.int().optional(),
  /** Most bytes of keys and values of a batch: what may need more is refused before it is written. 8 GiB by default. */
  maxCacheBytes: z.int().positive().optional(),
});
