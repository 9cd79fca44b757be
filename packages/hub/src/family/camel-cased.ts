/** `hidden_size` → `hiddenSize`. */
type CamelCase<Name> = Name extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<CamelCase<Tail>>}` : Name;

/** A config whose keys, at every depth, are in camelCase. */
export type CamelCased<Config> = Config extends readonly unknown[]
  ? Config
  : Config extends object
    ? { [Key in keyof Config as CamelCase<Key>]: CamelCased<Config[Key]> }
    : Config;

/** Renames the keys of a config, and of the configs within it: config.json has Python's names, a module those of TypeScript. */
export function camelCased<Config>(config: Config): CamelCased<Config> {
  if (typeof config !== 'object' || config === null || Array.isArray(config)) return config as CamelCased<Config>;
  const entries = Object.entries(config).map(([key, value]) => [
    key.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
    camelCased(value),
  ]);
  return Object.fromEntries(entries) as CamelCased<Config>;
}
