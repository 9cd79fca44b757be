import { ConfigError, parseConfig } from '@polymodal/core';
import type { ModuleCase } from '../cases/module-case';
import { ConformanceError } from '../conformance-error';

const unknownOption = 'noSuchOption';

/** An option that the part does not know is refused by name, and none bears a name that every config needs itself. */
export function unknownOptionsAreRefused(subject: ModuleCase): void {
  for (const reserved of subject.reservedOptions) {
    if (!(reserved in subject.schema.shape)) continue;
    throw new ConformanceError({
      where: `${subject.name}, option "${reserved}"`,
      expected: 'no option of this name, which has a meaning of its own in every config',
      received: 'one',
    });
  }
  try {
    parseConfig(subject.schema, { ...subject.config, [unknownOption]: 1 }, subject.name);
  } catch (error) {
    if (error instanceof ConfigError && error.message.includes(unknownOption)) return;
    throw error;
  }
  throw new ConformanceError({
    where: `${subject.name}, config with "${unknownOption}"`,
    expected: 'a ConfigError that names the option',
    received: 'no error',
  });
}
