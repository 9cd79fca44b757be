import { Module } from '@polymodal/core';

/** A part under test together with the test doubles that feed it, as one module. */
export class Assembly extends Module {
  constructor(
    readonly part: Module,
    readonly doubles: Readonly<Record<string, Module | Readonly<Record<string, Module>>>>,
  ) {
    super();
  }
}
