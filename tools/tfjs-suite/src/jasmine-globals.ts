import { createRequire } from 'node:module';

/** Outcome of a spec, as Jasmine reports it. */
interface SpecResult {
  readonly fullName: string;
  readonly status: 'passed' | 'failed' | 'pending' | 'excluded';
  readonly failedExpectations: readonly { readonly message: string }[];
}

/** The part of a Jasmine environment that is used here. */
interface JasmineEnvironment {
  configure(options: object): void;
  addReporter(reporter: {
    specDone?(result: SpecResult): void;
    suiteDone?(result: { readonly failedExpectations: readonly { readonly message: string }[] }): void;
  }): void;
  execute(): Promise<{ readonly failedExpectations: readonly { readonly message: string }[] }>;
}

interface Jasmine {
  getEnv(): JasmineEnvironment;
}

/** Specs find `describe`, `it`, `expect` and the rest as globals: this module has to be loaded before them. */
export const jasmineEnvironment = installJasmine();

function installJasmine(): JasmineEnvironment {
  const core = createRequire(__filename)('jasmine-core') as { boot(): Jasmine };
  const environment = core.boot().getEnv();
  // Two passes need the specs' closures to stay; TensorFlow.js uses some names twice.
  environment.configure({ random: false, forbidDuplicateNames: false, autoCleanClosures: false });
  return environment;
}
