import { StateError } from './errors';
import { ModuleBuffer } from './module-buffer';
import { Parameter } from './parameter';
import { isWithin, pathsOf, patternFault } from './path-patterns';
import type { RandomKey } from './random-key';
import { requireArgument } from './require-argument';

/**
 * A part of a model: parameters, sub-modules and a forward function of its own signature.
 *
 * Parameters and sub-modules are found through the module's own properties (also in arrays and plain records), and a
 * parameter's path through those properties is its name: `encoders.image.layers.0.attention.query.weight`.
 *
 * ```ts
 * class Gate extends Module {
 *   readonly weight: Parameter;
 *   readonly linear: Linear; // a module within: its parameters are `linear.weight` and `linear.bias`
 *
 *   constructor(hiddenSize: number) {
 *     super();
 *     this.weight = new Parameter([hiddenSize], zeros);
 *     this.linear = new Linear(hiddenSize, hiddenSize);
 *   }
 *
 *   forward(x: tf.Tensor): tf.Tensor {
 *     return tf.mul(this.linear.forward(x), tf.tanh(this.weight.value));
 *   }
 * }
 *
 * console.log([...new Gate(8).parameters().keys()]); // [ 'weight', 'linear.weight', 'linear.bias' ]
 * ```
 */
export abstract class Module {
  /** Every parameter under its path, in the order of declaration. A shared one appears under its first path only. */
  parameters(): Map<string, Parameter> {
    const found = new Map<string, Parameter>();
    const seen = new Set<object>();
    walk(this, [], (path, value) => {
      if (seen.has(value)) return false;
      seen.add(value);
      if (value instanceof Parameter) found.set(path.join('.'), value);
      return true;
    });
    return found;
  }

  /** Every module below and including this one, under its path (the module itself under `''`). */
  modules(): Map<string, Module> {
    const found = new Map<string, Module>();
    const seen = new Set<object>();
    walk(this, [], (path, value) => {
      if (seen.has(value)) return false;
      seen.add(value);
      if (value instanceof Module) found.set(path.join('.'), value);
      return true;
    });
    return found;
  }

  /** Frees every tensor of the module. It cannot be used afterwards. */
  dispose(): void {
    for (const parameter of this.parameters().values()) parameter.dispose();
  }
}

/**
 * Gives every parameter that has no value yet its initial one. The key of each is derived from its path, so that
 * adding a module elsewhere leaves it as it was.
 *
 * ```ts
 * const layer = new Linear(16, 8);
 * initialize(layer, RandomKey.from(0)); // the same values for the same seed
 * ```
 *
 * @throws ConfigError for what is no module, or no key
 */
export function initialize(module: Module, key: RandomKey): void {
  requireModule(module, 'initialize');
  requireArgument(typeof key?.fold === 'function', 'initialize', 'a key, RandomKey.from(0) say', key);
  for (const [path, parameter] of module.parameters()) {
    if (!parameter.isInitialized) parameter.adoptValues(parameter.initializer(parameter.shape, key.fold(path)));
  }
}

/**
 * Freezes (or, with `trainable` true, thaws) the parameters that patterns of paths of parameters or modules say: `*` stands for a name,
 * `**` for any number of names. A {@link ModuleBuffer} stays frozen.
 *
 * ```ts
 * setTrainable(model, ['encoders.photo', 'fusion.**.norm'], false); // the photo's encoder stays as it is, and the fusion's norms
 * ```
 *
 * @throws StateError if a pattern matches no parameter or module, or none of them a parameter; ConfigError for what is no module, no
 *   list of patterns, or neither true nor false
 */
export function setTrainable(module: Module, patterns: readonly string[], trainable: boolean): void {
  requireModule(module, 'setTrainable');
  const arePaths = Array.isArray(patterns) && patterns.every((pattern) => typeof pattern === 'string');
  requireArgument(arePaths, 'setTrainable', 'a list of paths', patterns);
  requireArgument(typeof trainable === 'boolean', 'setTrainable', 'true or false', trainable);
  const fault = patternFault(patterns, pathsOf(module));
  if (fault) throw new StateError({ where: `setTrainable, ${fault.index}`, ...fault });
  for (const [path, parameter] of module.parameters()) {
    if (!patterns.some((pattern) => isWithin(path, pattern))) continue;
    parameter.trainable = trainable && !(parameter instanceof ModuleBuffer);
  }
}

/** @throws ConfigError for what is no module */
export function requireModule(module: Module, where: string): void {
  requireArgument(module instanceof Module, where, 'a module, a model or a part of one', module);
}

type Visit = (path: readonly string[], value: Module | Parameter) => boolean;

function walk(value: unknown, path: readonly string[], visit: Visit): void {
  if (value instanceof Parameter) {
    visit(path, value);
  } else if (value instanceof Module) {
    if (visit(path, value)) for (const [name, child] of Object.entries(value)) walk(child, [...path, name], visit);
  } else if (Array.isArray(value)) {
    value.forEach((child, index) => walk(child, [...path, String(index)], visit));
  } else if (isPlainRecord(value)) {
    for (const [name, child] of Object.entries(value)) walk(child, [...path, name], visit);
  }
}

function isPlainRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
