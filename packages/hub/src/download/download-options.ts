/** How files are fetched. What is left out comes from the environment, as for Python's huggingface_hub. */
export interface DownloadOptions {
  /** A branch, tag or commit; `main` unless told otherwise. */
  readonly revision?: string;
  /**
   * What is fetched: names, patterns in which `*` stands for any text, or a function that picks from what there is. Left
   * out, everything. A name that is not there is a NotFoundError, a pattern that fits nothing is none.
   */
  readonly files?: readonly string[] | ((available: readonly string[]) => readonly string[]);
  /** The hub. Else HF_ENDPOINT, else https://huggingface.co. */
  readonly endpoint?: string;
  /** Who asks; `false` for nobody. Else HF_TOKEN, else the token that Python's login left. It is sent to the endpoint alone. */
  readonly token?: string | false;
  /** Where files are kept, in the layout of Python's huggingface_hub. Else HF_HUB_CACHE, HF_HOME/hub, ~/.cache/huggingface/hub. */
  readonly cacheDirectory?: string;
  /** Takes what is in the cache and asks nobody. Else HF_HUB_OFFLINE. */
  readonly offline?: boolean;
  /** Ends the download; what has arrived stays, and the next download goes on from there. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Milliseconds without a byte after which a connection counts as dead; 10,000 unless told otherwise. */
  readonly timeout?: number;
  /** How often a request is repeated that fails without any progress; 5 unless told otherwise. */
  readonly retries?: number;
  /** Milliseconds before the first repetition, doubled for each further one up to 8 s; 500 unless told otherwise. */
  readonly retryDelay?: number;
  /**
   * Milliseconds that are waited at most where a server asks to wait (`Retry-After`, of status 429 say); 300,000 unless told otherwise.
   * Where it asks for more, the download fails at once and says so.
   */
  readonly longestWait?: number;
  /** Told of each wait that a server asks for; unless told otherwise, it is a warning on the console. `signal` ends the wait. */
  readonly onWait?: (wait: DownloadWait) => void;
  /** What makes requests, for a proxy say. Node's own unless told otherwise. */
  readonly fetch?: typeof fetch;
}

/** A wait that a server asks for. */
export interface DownloadWait {
  readonly milliseconds: number;
  /** Why: what the server answered. */
  readonly error: unknown;
}

/** How far a file is. */
export interface DownloadProgress {
  readonly file: string;
  /** Bytes that are there, those of an earlier download too. */
  readonly received: number;
  /** Bytes of the whole file, where the server says so. */
  readonly size: number | undefined;
}
