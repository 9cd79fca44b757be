/** What a shell is told. */
export const exitCode = {
  done: 0,
  /** What was given cannot be used: a file, a config, a model. */
  failed: 1,
  /** The command line itself: a misspelt option, an argument too many. */
  usage: 2,
  /** Ctrl-C, as shells have it. */
  interrupted: 130,
} as const;
