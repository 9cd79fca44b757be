import { ConfigError, suggestNames, UnknownNameError } from '@polymodal/core';
import {
  type Adjustment,
  keepsLayers,
  type PretrainedConfig,
  parseJsonFile,
  setsRate,
  withJsonFile,
} from '@polymodal/hub';
import { z } from 'zod';
import { documentOptions } from '../document-options';
import { batchSettingsFile, bucketSize, stride } from '../families/batch-settings';
import { withChatTemplate } from '../families/chat-settings';
import { documentSettings, documentSettingsFile } from '../families/document-settings';
import { poolings } from '../pool-tokens';
import { encodePoolingConfig, poolingConfig } from './pooling-config';
import { modulesName, sentenceModules } from './sentence-modules';
import { promptsName, textSettings, transformerConfigNames } from './text-settings';

const length = z.int().positive();
const mode = z.enum(poolings);
const pooling = z.union([mode, z.array(mode).min(1).readonly()]);
const prompt = z.union([z.string(), z.literal(false)]);

/** What the slot of a pretrained text model may say beside `from`. */
export const textOptions = {
  /** Most tokens of a text, special tokens included; the rest of a longer one is cut off. */
  maxLength: length.optional(),
  /** Tokens of a batch are padded to a multiple of this, 16 by default: fewer for short texts, where padding is much of the work. */
  bucketSize: bucketSize.optional(),
  /** Of a slot with several: by how many tokens the windows overlap in which a longer text lies, in place of being cut off. */
  stride: stride.optional(),
  /** What the vector of a text is made of, in place of what the folder says; several are joined. */
  pooling: pooling.optional(),
  /** The name of the prompt in config_sentence_transformers.json that stands before each text; `false` for none. */
  prompt: prompt.optional(),
  ...documentOptions,
  /** How many layers are kept, the first ones. */
  numHiddenLayers: z.int().positive().optional(),
  /** Rate at which numbers between the layers are dropped in training. */
  hiddenDropout: z.number().min(0).lt(1).optional(),
  /** Rate at which attention weights are dropped in training. */
  attentionDropout: z.number().min(0).lt(1).optional(),
};

/** What is peculiar to a family of text models. */
export interface TextFamilyOptions {
  /** The option that counts layers, and its default. */
  readonly layers: readonly [name: string, byDefault: number];
  readonly alsoOfLayers?: (config: PretrainedConfig, layers: number) => Readonly<Record<string, unknown>>;
  /** Most tokens of a text. */
  readonly maxPositions: (config: PretrainedConfig) => number;
  /** The option that says how wide tokens are, and its default. */
  readonly width: readonly [name: string, byDefault: number];
  /** The options of dropout; none where the family has no such. */
  readonly hiddenDropout?: readonly string[];
  readonly attentionDropout: string;
}

/** The adjustments of a family of text models. */
export function textAdjustments(family: TextFamilyOptions): Readonly<Record<string, Adjustment>> {
  return {
    maxLength: cutsAt(family.maxPositions),
    bucketSize: padsTo,
    stride: overlapsBy,
    pooling: poolsBy(family.width),
    prompt: choosesPrompt,
    placeholder: readsDocuments('placeholder'),
    around: readsDocuments('around'),
    longDocuments: readsDocuments('longDocuments'),
    chatTemplate: writesChats,
    numHiddenLayers: keepsLayers(...family.layers, family.alsoOfLayers),
    ...(family.hiddenDropout && { hiddenDropout: setsRate(...family.hiddenDropout) }),
    attentionDropout: setsRate(family.attentionDropout),
  };
}

function cutsAt(maxPositions: TextFamilyOptions['maxPositions']): Adjustment<typeof length> {
  return {
    value: length,
    change(maxLength, { config, contents }) {
      const most = maxPositions(config);
      if (maxLength > most) {
        const expected = `at most the ${most} tokens that the model has positions for`;
        throw new ConfigError({ where: 'maxLength', expected, received: String(maxLength) });
      }
      const tokenizer = withJsonFile(contents, 'tokenizer_config.json', { model_max_length: maxLength });
      if (!contents.has(modulesName)) return { contents: tokenizer };
      const name = transformerConfigNames.find((each) => contents.has(each)) ?? transformerConfigNames[0];
      return { contents: withJsonFile(tokenizer, name, { max_seq_length: maxLength }) };
    },
  };
}

const padsTo: Adjustment<typeof bucketSize> = {
  value: bucketSize,
  change: (value, { contents }) => ({
    contents: withJsonFile(contents, batchSettingsFile, { polymodal_bucket_size: value }),
  }),
};

const overlapsBy: Adjustment<typeof stride> = {
  value: stride,
  change: (value, { contents }) => ({
    contents: withJsonFile(contents, batchSettingsFile, { polymodal_stride: value }),
  }),
};

function poolsBy([widthName, widthByDefault]: TextFamilyOptions['width']): Adjustment<typeof pooling> {
  return {
    value: pooling,
    change(value, { config, contents }) {
      const width = Number(config[widthName] ?? widthByDefault);
      const path = poolingPath(contents);
      const name = `${path ?? '1_Pooling'}/config.json`;
      const includePrompt = path === undefined || poolingConfig(contents.get(name)!, name).includePrompt;
      const changed = new Map(contents).set(
        name,
        json(encodePoolingConfig({ modes: [value].flat(), includePrompt }, width)),
      );
      return { contents: path === undefined ? changed.set(modulesName, json(plainModules)) : changed };
    },
  };
}

/** The modules that every version of sentence-transformers knows. */
const plainModules = [
  { idx: 0, name: '0', path: '', type: 'sentence_transformers.models.Transformer' },
  { idx: 1, name: '1', path: '1_Pooling', type: 'sentence_transformers.models.Pooling' },
];

/** The folder of the pooling; undefined where there is no modules.json. */
function poolingPath(contents: ReadonlyMap<string, Uint8Array>): string | undefined {
  if (!sentenceModules(contents)) return undefined;
  const modules = parseJsonFile(contents.get(modulesName)!, modulesName, z.array(z.looseObject({ path: z.string() })));
  return modules[1].path;
}

const choosesPrompt: Adjustment<typeof prompt> = {
  value: prompt,
  change(name, { contents }) {
    const { prompts } = textSettings(contents);
    if (name === false) {
      if (Object.keys(prompts).length === 0) return {};
      const named = { prompts: { ...prompts, none: '' }, default_prompt_name: 'none' };
      return { contents: withJsonFile(contents, promptsName, named) };
    }
    if (!Object.hasOwn(prompts, name)) {
      throw new UnknownNameError({
        where: 'prompt',
        expected: `the name of a prompt in ${promptsName}`,
        received: JSON.stringify(name),
        hint: suggestNames(name, Object.keys(prompts)),
      });
    }
    return { contents: withJsonFile(contents, promptsName, { default_prompt_name: name }) };
  },
};

function readsDocuments(name: keyof typeof documentOptions): Adjustment {
  return {
    value: documentOptions[name].unwrap(),
    change: (value, { contents }) => ({
      contents: withJsonFile(contents, documentSettingsFile, {
        polymodal_documents: { ...documentSettings(contents), [name]: value },
      }),
    }),
  };
}

const writesChats: Adjustment<typeof documentOptions.chatTemplate> = {
  value: documentOptions.chatTemplate,
  change: (value, { contents }) => ({ contents: value === undefined ? contents : withChatTemplate(contents, value) }),
};

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}
