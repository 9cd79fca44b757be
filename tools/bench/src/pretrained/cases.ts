import type { CallCounts } from '../calls/measure-cold';

/** A model of a published size and what it is given. */
export interface PretrainedCase extends CallCounts {
  readonly model: 'bert' | 'clip' | 'wav2vec2' | 'gpt2';
  readonly rows: number;
}

export const cases: Readonly<Record<string, PretrainedCase>> = {
  'bert-1x128': { model: 'bert', rows: 1, warmUpCalls: 2, callsPerTurn: 5 },
  'bert-16x128': { model: 'bert', rows: 16, warmUpCalls: 1, callsPerTurn: 1 },
  'clip-1': { model: 'clip', rows: 1, warmUpCalls: 3, callsPerTurn: 10 },
  'clip-16': { model: 'clip', rows: 16, warmUpCalls: 1, callsPerTurn: 1 },
  'wav2vec2-5s': { model: 'wav2vec2', rows: 1, warmUpCalls: 1, callsPerTurn: 2 },
  'gpt2-64': { model: 'gpt2', rows: 1, warmUpCalls: 0, callsPerTurn: 1 },
};
