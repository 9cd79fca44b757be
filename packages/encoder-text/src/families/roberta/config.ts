import { familyConfig, optional } from '@polymodal/hub';
import { z } from 'zod';
import { bertOptions } from '../bert/config';

/** The options of RoBERTa: those of BERT, and the id that positions are counted from. */
export const robertaOptions = { ...bertOptions, pad_token_id: optional(z.int().min(0), 1) };

/** config.json of RoBERTa and XLM-RoBERTa. */
export const robertaConfig = familyConfig(robertaOptions);
