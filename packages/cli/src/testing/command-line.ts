import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Plugin } from '@polymodal/core';
import { tabular } from '@polymodal/encoder-tabular';
import { text as texts } from '@polymodal/encoder-text';
import { textAugmentations } from '@polymodal/encoder-text/augment';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import { runCommand } from '../command/run-command';
import type { Surroundings } from '../surroundings';

/** What a command line came to. */
export interface Came {
  readonly code: number;
  readonly output: string;
  readonly messages: string;
}

/** The parts that are installed for tests. */
const plugins: readonly Plugin[] = [tabular, texts, textAugmentations, fusion, heads];

/** Runs command lines in a folder, within this process. */
export function commandLine(directory: string, different: Partial<Surroundings> = {}) {
  return async (...args: string[]): Promise<Came> => {
    const [output, messages] = [new PassThrough(), new PassThrough()];
    const read = Promise.all([text(output), text(messages)]);
    const code = await runCommand(args, {
      directory,
      output,
      messages,
      environment: {},
      plugins: async () => plugins,
      interruption: async () => new AbortController().signal,
      ...different,
    });
    output.end();
    messages.end();
    const [printed, said] = await read;
    return { code, output: printed, messages: said };
  };
}
