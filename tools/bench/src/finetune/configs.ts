/** How two towers are tuned; the same for all contenders, who differ in how they come to it. */
export interface FinetuneConfig {
  /** Whether the towers stay as they are, or learn through LoRA. */
  readonly towers: 'frozen' | 'lora';
  /** How ours runs frozen towers, or holds what is frozen in those that learn. */
  readonly precision: 'float32' | 'int8';
  /** Whether the towers of PyTorch go through torch.compile, which takes minutes before the first epoch. */
  readonly compiled: boolean;
  /** Whether ours keeps what frozen towers give: the epochs after the first are measured. */
  readonly cached: boolean;
  readonly trainingSamples: number;
  readonly heldOutSamples: number;
  readonly batchSize: number;
  /** Epochs before those that are measured: programs are compiled, and values encoded, in the first. */
  readonly warmUps: number;
  readonly learningRate: number;
  /** Of LoRA, on the queries and values of both towers. */
  readonly rank: number;
  readonly alpha: number;
}

const config = {
  precision: 'float32',
  compiled: false,
  cached: false,
  trainingSamples: 48,
  heldOutSamples: 16,
  batchSize: 16,
  warmUps: 1,
  learningRate: 1e-3,
  rank: 8,
  alpha: 16,
} as const;

export const configs: Readonly<Record<string, FinetuneConfig>> = {
  'frozen-fp32': { ...config, towers: 'frozen' },
  'frozen-int8': { ...config, towers: 'frozen', precision: 'int8' },
  cached: { ...config, towers: 'frozen', cached: true },
  lora: { ...config, towers: 'lora' },
  'lora-int8': { ...config, towers: 'lora', precision: 'int8' },
  'frozen-compiled': { ...config, towers: 'frozen', compiled: true },
};
