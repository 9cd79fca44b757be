import { bert, roberta } from '@polymodal/encoder-text/pretrained';
import { optional } from '@polymodal/hub';
import { z } from 'zod';

const rate = z.number().min(0).lt(1);

/** What is said of heads that mark what stands in texts: the names of tags, and dropout before the last layer, as `hidden_dropout_prob` by default. */
const headOptions = {
  id2label: optional(z.record(z.string().regex(/^\d+$/), z.string().min(1)), { 0: 'LABEL_0', 1: 'LABEL_1' }),
  classifier_dropout: optional(rate.nullable(), null),
};

/** config.json of BERT with such a head. */
export const bertSpansConfig = bert.config.extend(headOptions);

/** The same of RoBERTa and XLM-RoBERTa. */
export const robertaSpansConfig = roberta.config.extend(headOptions);

/** The tags of `id2label` in their order. */
export function tagsIn(id2label: Readonly<Record<string, string>>): string[] {
  return Object.entries(id2label)
    .sort(([one], [other]) => Number(one) - Number(other))
    .map(([, tag]) => tag);
}
