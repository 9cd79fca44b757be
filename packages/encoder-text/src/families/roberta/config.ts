import { familyConfig, optional } from '@polymodal/hub';
import { z } from 'zod';
import { bertOptions } from '../bert/config';

/** config.json of RoBERTa and XLM-RoBERTa: that of BERT, and the id that positions are counted from. */
export const robertaConfig = familyConfig({ ...bertOptions, pad_token_id: optional(z.int().min(0), 1) });
