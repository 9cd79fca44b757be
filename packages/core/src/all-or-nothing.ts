import type { Model } from './model';

/**
 * Changes the modules of a model by what may fail half-way: then they have the properties that they had, and parameters learn or not as before.
 */
export function allOrNothing(model: Model, change: () => void): void {
  const properties = [...model.modules().values()].map((module) => [module, { ...module }] as const);
  const learned = [...model.parameters().values()].map((parameter) => [parameter, parameter.trainable] as const);
  try {
    change();
  } catch (error) {
    for (const [module, before] of properties) restore(module, before);
    for (const [parameter, trainable] of learned) parameter.trainable = trainable;
    throw error;
  }
}

function restore(module: object, before: object): void {
  for (const name of Object.keys(module)) if (!Object.hasOwn(before, name)) Reflect.deleteProperty(module, name);
  for (const [name, value] of Object.entries(before)) {
    if (Reflect.get(module, name) !== value) Reflect.set(module, name, value);
  }
}
