import { openCheckpoint } from '@polymodal/hub';
import type { Values } from '../compare/read-tensors';

/** Reads a safetensors file in whole. */
export async function readValues(path: string): Promise<Values> {
  const checkpoint = await openCheckpoint(path);
  const values: Record<string, Values[string]> = {};
  for (const name of checkpoint.names) values[name] = await checkpoint.read(name);
  await checkpoint.close();
  return values;
}

/** Those values whose names start with a prefix, which is taken off. */
export function valuesUnder(values: Values, prefix: string): Values {
  const found = Object.entries(values).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(found.map(([name, value]) => [name.slice(prefix.length), value]));
}
