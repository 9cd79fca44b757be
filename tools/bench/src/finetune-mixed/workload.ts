import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FinetuneConfig } from './configs';
import type { Mail } from './mails';

/** What all contenders read. */
interface FinetuneWorkload {
  readonly config: FinetuneConfig;
  /** The folder of the pretrained model. */
  readonly model: string;
  readonly training: readonly Mail[];
  readonly heldOut: readonly Mail[];
}

const fileName = 'workload.json';

export function writeWorkload(folder: string, workload: FinetuneWorkload): void {
  writeFileSync(join(folder, fileName), JSON.stringify(workload));
}

export function readWorkload(folder: string): FinetuneWorkload {
  return JSON.parse(readFileSync(join(folder, fileName), 'utf8')) as FinetuneWorkload;
}
