import { ConfigError, describeValue, isRecord, PolymodalError, parseConfig } from '@polymodal/core';
import { z } from 'zod';

const pattern = z.string().refine(isPattern, 'a regular expression');
const names = z.array(z.string());
const perModule = z
  .record(z.string(), z.number().positive())
  .refine((own) => Object.keys(own).every(isPattern), 'keys that are regular expressions')
  .nullish();

const common = {
  target_modules: z.union([z.string(), names]).nullish(),
  exclude_modules: z.union([z.string(), names]).nullish(),
  layers_to_transform: z.unknown().optional(),
  fan_in_fan_out: z.boolean().default(false),
};

const schema = z.discriminatedUnion('peft_type', [
  z.looseObject({
    peft_type: z.literal('LORA'),
    ...common,
    r: z.int().positive().default(8),
    lora_alpha: z.number().positive().default(8),
    lora_dropout: z.number().min(0).lt(1).default(0),
    use_rslora: z.boolean().default(false),
    use_dora: z.boolean().default(false),
    rank_pattern: perModule,
    alpha_pattern: perModule,
  }),
  z.looseObject({ peft_type: z.literal('IA3'), ...common, feedforward_modules: z.union([pattern, names]).nullish() }),
]);

/** What is read of adapter_config.json. */
export type PeftConfig = z.output<typeof schema>;

/** Options that say nothing of the numbers. */
const telling = [
  ...['auto_mapping', 'base_model_name_or_path', 'inference_mode', 'peft_version', 'revision', 'task_type'],
  ...['init_ia3_weights', 'layers_pattern', 'megatron_core', 'runtime_config'],
  ...['qalora_group_size', 'ensure_weight_tying'],
];

/** Further options of PEFT, and what each must be: others change the numbers, or what is in the file. */
const neutral: Readonly<Record<string, readonly unknown[]>> = {
  bias: ['none'],
  lora_bias: [false],
  modules_to_save: [],
  trainable_token_indices: [],
  layer_replication: [],
  target_parameters: [],
  use_qalora: [false],
  use_bdlora: [false],
  init_lora_weights: [true, false, 'gaussian', 'orthogonal', 'eva'], // others change the weights of the model
  loftq_config: [],
  eva_config: [],
  corda_config: [],
  lora_ga_config: [],
  velora_config: [],
  monteclora_config: [],
  arrow_config: [],
  kasa_config: [],
  megatron_config: [],
  alora_invocation_tokens: [],
};

/**
 * Reads adapter_config.json.
 *
 * @throws ConfigError naming an option that is unknown, not supported or of the wrong kind
 */
export function parsePeftConfig(content: unknown, where: string): PeftConfig {
  if (!isRecord(content)) throw refusal(where, 'an object', describeValue(content));
  const { peft_type: type } = content;
  if (type !== 'LORA' && type !== 'IA3') {
    const hint = 'Adapters here stand beside maps: learned tokens, as of prompts and prefixes, are none.';
    throw refusal(`${where}, peft_type`, '"LORA" or "IA3"', describeValue(type), hint);
  }
  const ofType = schema.options.find((own) => own.shape.peft_type.value === type)!;
  for (const [name, value] of Object.entries(content)) {
    if (name in ofType.shape || telling.includes(name)) continue;
    const allowed = neutral[name];
    const isEmpty = value === null || (isRecord(value) && Object.keys(value).length === 0);
    if (!allowed) throw refusal(`${where}, ${name}`, 'an option that is known here', describeValue(value));
    if (isEmpty || allowed.includes(value)) continue;
    const expected = allowed.length > 0 ? allowed.map((own) => JSON.stringify(own)).join(', ') : 'null';
    throw refusal(`${where}, ${name}`, `${expected}: what else it may be is not supported`, describeValue(value));
  }
  try {
    return parseConfig<z.ZodType<PeftConfig>>(ofType, content, '');
  } catch (error) {
    throw PolymodalError.isInstance(error) ? error.at(`${where}, ${error.where}`) : error;
  }
}

function isPattern(text: string): boolean {
  try {
    return Boolean(new RegExp(text));
  } catch {
    return false;
  }
}

/** The number that a module has by a pattern of its own, else the number of all. */
export function ofModule(
  module: string,
  own: Readonly<Record<string, number>> | null | undefined,
  all: number,
): number {
  const found = Object.entries(own ?? {}).find(([pattern]) => new RegExp(`^(.*\\.)?(${pattern})$`).test(module));
  return found?.[1] ?? all;
}

function refusal(where: string, expected: string, received: string, hint?: string): ConfigError {
  return new ConfigError({ where, expected, received, ...(hint !== undefined && { hint }) });
}
