/**
 * What each command does. Its code, and all that it takes, is loaded when the command is called and not before: help, completion and a
 * mistyped line answer at once.
 */
export const commands = {
  doctor: deferred(() => import('../commands/doctor'), 'doctorCommand'),
  evaluate: deferred(() => import('../commands/evaluate'), 'evaluateCommand'),
  export: deferred(() => import('../commands/export'), 'exportCommand'),
  hubConvert: deferred(() => import('../commands/hub-convert'), 'hubConvertCommand'),
  hubDownload: deferred(() => import('../commands/hub'), 'hubDownloadCommand'),
  hubVerify: deferred(() => import('../commands/hub-verify'), 'hubVerifyCommand'),
  info: deferred(() => import('../commands/info'), 'infoCommand'),
  init: deferred(() => import('../commands/init'), 'initCommand'),
  inspect: deferred(() => import('../commands/inspect'), 'inspectCommand'),
  predict: deferred(() => import('../commands/predict'), 'predictCommand'),
  resume: deferred(() => import('../commands/train'), 'resumeCommand'),
  schema: deferred(() => import('../commands/schema'), 'schemaCommand'),
  train: deferred(() => import('../commands/train'), 'trainCommand'),
  watch: deferred(() => import('../commands/watch'), 'watchCommand'),
};

/** A function of a module that is loaded at its first call. */
function deferred<Args extends unknown[], Result, Name extends string>(
  load: () => Promise<Readonly<Record<Name, (...args: Args) => Promise<Result>>>>,
  name: Name,
): (...args: Args) => Promise<Result> {
  return async (...args) => (await load())[name](...args);
}
