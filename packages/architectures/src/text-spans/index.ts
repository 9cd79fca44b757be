import { type ComposeOptions, composeModel } from '@polymodal/core';
import { batchSettingsFile, bert, roberta, strideOf } from '@polymodal/encoder-text/pretrained';
import { defineComposedFamily } from '@polymodal/hub';
import { textSpansRegistry } from '../text-spans-registry';
import { bertSpansConfig, robertaSpansConfig, tagsIn } from './config';
import { textSpansKeys } from './keys';

/** What a config says of such a head. */
interface SpansConfig {
  readonly hiddenSize: number;
  readonly hiddenDropoutProb: number;
  readonly classifierDropout: number | null;
  readonly id2label: Readonly<Record<string, string>>;
}

/** `BertForTokenClassification` (Devlin et al. 2019, section 5.3): a `Model` of the slot `text`, the fusion `none` and the head `tags`. */
export const bertForTokenClassification = defineComposedFamily({
  architectures: { bert: 'BertForTokenClassification' },
  config: bertSpansConfig,
  adjustments: adjustmentsOf(bert),
  compose: tagging,
  keys: () => textSpansKeys('bert.', { ours: 'heads.tags.classifier.*', theirs: 'classifier.*' }),
});

/** `RobertaForTokenClassification` and `XLMRobertaForTokenClassification`: the same. */
export const robertaForTokenClassification = defineComposedFamily({
  architectures: { roberta: 'RobertaForTokenClassification', 'xlm-roberta': 'XLMRobertaForTokenClassification' },
  config: robertaSpansConfig,
  adjustments: adjustmentsOf(roberta),
  compose: tagging,
  keys: () => textSpansKeys('roberta.', { ours: 'heads.tags.classifier.*', theirs: 'classifier.*' }),
});

/** `BertForQuestionAnswering` (Devlin et al. 2019, section 4.2): a `Model` of the slot `text`, the fusion `none` and the head `answer`. */
export const bertForQuestionAnswering = defineComposedFamily({
  architectures: { bert: 'BertForQuestionAnswering' },
  config: bertSpansConfig,
  adjustments: adjustmentsOf(bert),
  compose: answering,
  keys: () => textSpansKeys('bert.', { ours: 'heads.answer.boundaries.*', theirs: 'qa_outputs.*' }),
});

/** `RobertaForQuestionAnswering` and `XLMRobertaForQuestionAnswering`: the same. */
export const robertaForQuestionAnswering = defineComposedFamily({
  architectures: { roberta: 'RobertaForQuestionAnswering', 'xlm-roberta': 'XLMRobertaForQuestionAnswering' },
  config: robertaSpansConfig,
  adjustments: adjustmentsOf(roberta),
  compose: answering,
  keys: () => textSpansKeys('roberta.', { ours: 'heads.answer.boundaries.*', theirs: 'qa_outputs.*' }),
});

function adjustmentsOf({ adjustments = {} }: typeof bert | typeof roberta) {
  const { maxLength, bucketSize, stride } = adjustments;
  return { maxLength: maxLength!, bucketSize: bucketSize!, stride: stride! };
}

function tagging(config: SpansConfig, from: string, options: ComposeOptions) {
  const dropout = config.classifierDropout ?? config.hiddenDropoutProb;
  return composeModel(
    textSpansRegistry,
    {
      hiddenSize: config.hiddenSize,
      encoders: { text: textSlot(from, options) },
      fusion: { use: 'none' },
      heads: { tags: { use: 'token-classification', of: 'text', tags: tagsIn(config.id2label), dropout } },
    },
    options,
  );
}

function answering({ hiddenSize }: SpansConfig, from: string, options: ComposeOptions) {
  return composeModel(
    textSpansRegistry,
    {
      hiddenSize,
      encoders: { text: textSlot(from, options) },
      fusion: { use: 'none' },
      heads: { answer: { use: 'span', of: 'text', noAnswer: true } },
    },
    options,
  );
}

/** One text, or the windows of a long one, where it is asked for them: `stride`. */
function textSlot(from: string, { savedFile }: ComposeOptions) {
  const settings = savedFile?.('processors/text', batchSettingsFile);
  const isWindowed = settings && strideOf(new Map([[batchSettingsFile, settings]])) !== undefined;
  const several = isWindowed ? { most: mostWindows, ordered: false } : false;
  return { use: 'pretrained-text', from, several } as const;
}

/** Of a long text. */
const mostWindows = 256;
