import { inferenceContext, parseConfig } from '@polymodal/core';
import type { ModuleCase } from '../cases/module-case';
import { expectSameValues } from '../compare/expect-same-values';
import { readTensors } from '../compare/read-tensors';
import { ConformanceError } from '../conformance-error';

/** The config is JSON: written and read back it makes the same part, and its defaults may be written out. */
export async function configRoundTrips(subject: ModuleCase): Promise<void> {
  const json = JSON.stringify(subject.config);
  const restored = JSON.parse(json) as Record<string, unknown>;
  const [options, again] = [subject.config, restored].map((config) =>
    parseConfig(subject.schema, config, subject.name),
  );
  if (JSON.stringify(options) !== JSON.stringify(again)) {
    throw new ConformanceError({
      where: `${subject.name}, config`,
      expected: `the same options after JSON: ${JSON.stringify(options)}`,
      received: JSON.stringify(again),
    });
  }
  const [first, second] = [subject.build(), subject.build({ config: restored })];
  try {
    const before = await readTensors(() => first.outputs(inferenceContext()));
    const after = await readTensors(() => second.outputs(inferenceContext()));
    expectSameValues(`${subject.name}, made from a config that went through JSON`, before, after, 0);
  } finally {
    first.dispose();
    second.dispose();
  }
}
