import type { Module } from '@polymodal/core';
import { readTensors, type Values } from './read-tensors';

/** The values of all parameters of a module, by path. */
export function readParameterValues(module: Module): Promise<Values> {
  return readTensors(() => Object.fromEntries([...module.parameters()].map(([path, { value }]) => [path, value])));
}
