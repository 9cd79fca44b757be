import type { Plugin } from '@polymodal/core';

/** A stream for text: `process.stdout`, or what collects it. */
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** What a command sees of the process that it runs in. */
export interface Surroundings {
  /** The folder that relative paths on the command line start from. */
  readonly directory: string;
  /** What was asked for: answers and figures. */
  readonly output: Output;
  /** What is said beside it: progress, remarks, errors. */
  readonly messages: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The plugins that are installed for a folder. */
  plugins(directory: string): Promise<readonly Plugin[]>;
  /** The program and first arguments by which this command is run again, in a process of its own. */
  readonly again?: readonly string[];
  /** Aborted when the user wants the command to end. */
  interruption(): Promise<AbortSignal>;
}
