import { z } from 'zod';

/** How `transcribe` writes: what `generate` of Python's Whisper takes. */
export const transcribeOptions = z.strictObject({
  /** The language that is spoken: its code, `de`, or its English name. Detected in the first window of each recording if left out. */
  language: z.string().optional(),
  /** To write what is said (default), or an English translation of it. */
  task: z.enum(['transcribe', 'translate']).optional(),
  /** Whether what is written says when it was said. By default where a recording is longer than a window. */
  timestamps: z.boolean().optional(),
  /** Whether each word is told with its times, by where the decoder looked while it wrote it. */
  words: z.boolean().default(false),
  /** What was written before the recording: names and spellings that it is to go on with. */
  prompt: z.string().optional(),
  /** Whether each window goes on behind what was written of those before. */
  conditionOnPrevious: z.boolean().default(false),
  /** With `conditionOnPrevious`: whether the prompt stands before the first window alone, or before all. */
  promptFor: z.enum(['first', 'all']).default('first'),
  /** Above 1, the likeliest of whole texts is sought among so many at a time, at temperature 0; as the checkpoint says by default. */
  numBeams: z.int().min(1).max(1024).optional(),
  /** The temperatures at which it is tried, one after the other, until what is written is likely enough; 0 takes the likeliest tokens. */
  temperatures: z.array(z.number().min(0)).min(1).readonly().default([0]),
  /** The least mean log-probability of what is written. */
  logprobThreshold: z.number().optional(),
  /** How many times smaller what is written may become by compressing it. */
  compressionRatioThreshold: z.number().optional(),
  /** With `logprobThreshold`: above which probability that nothing is said an unlikely text is passed over. */
  noSpeechThreshold: z.number().optional(),
  /** Most tokens that are written of a window. */
  maxNewTokens: z.int().positive().optional(),
  /** Recordings that are heard at a time. */
  batchSize: z.int().positive().max(1024).default(8),
  /** Longer recordings are refused. */
  maxSeconds: z.number().positive().default(7200),
  /** Of drawing: what is drawn follows from it. */
  seed: z.int().default(0),
  signal: z.instanceof(AbortSignal).optional(),
});

export type TranscribeOptions = Readonly<z.output<typeof transcribeOptions>>;
