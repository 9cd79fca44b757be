import { ConnectionError } from '../errors/download-error';

/** An answer of the hub whose body is watched: a silence of `timeout` ms within it is an error too. */
export class HubResponse {
  readonly status: number;
  readonly headers: Headers;

  constructor(
    readonly url: string,
    private readonly response: Response,
    private readonly watch: SilenceWatch,
  ) {
    this.status = response.status;
    this.headers = response.headers;
  }

  /** The body as it arrives. @throws ConnectionError if it breaks off or stops */
  async *chunks(): AsyncGenerator<Uint8Array> {
    const reader = this.response.body?.getReader();
    try {
      for (;;) {
        this.watch.restart();
        const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
        if (done) return;
        this.watch.stop(); // while the caller works on it, silence is not the server's
        yield value;
      }
    } catch (error) {
      throw this.watch.explain(error, this.url);
    } finally {
      this.watch.stop();
      await reader?.cancel().catch(() => undefined);
    }
  }

  async text(): Promise<string> {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of this.chunks()) text += decoder.decode(chunk, { stream: true });
    return text + decoder.decode();
  }

  /** Lets go of the connection without reading the body. */
  async discard(): Promise<void> {
    this.watch.stop();
    await this.response.body?.cancel().catch(() => undefined);
  }
}

/** Aborts a request when nothing is heard for too long. */
export class SilenceWatch {
  readonly signal: AbortSignal;
  private readonly silence = new AbortController();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly timeout: number,
    private readonly user: AbortSignal | undefined,
  ) {
    this.signal = user ? AbortSignal.any([user, this.silence.signal]) : this.silence.signal;
  }

  restart(): void {
    this.stop();
    this.timer = setTimeout(() => this.silence.abort(), this.timeout);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  /** What a failed request means: the user's own abort, silence, or a broken connection. */
  explain(error: unknown, url: string): unknown {
    if (this.user?.aborted) return this.user.reason;
    const { cause, message } = error as Error;
    const reason = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : message;
    const received = this.silence.signal.aborted ? `no byte for ${this.timeout} ms` : `a failure (${reason})`;
    return new ConnectionError({
      where: url,
      expected: 'an answer of the server',
      received,
      hint: 'Try again; what has arrived is kept. With HF_HUB_OFFLINE=1 the cache alone is used.',
      cause: error,
    });
  }
}
