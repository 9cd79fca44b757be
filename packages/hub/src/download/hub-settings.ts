import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { ConfigError } from '@polymodal/core';
import { readRegularFileSync } from '@polymodal/core/files';
import { checkDownloadOptions } from './check-download-options';
import type { DownloadOptions, DownloadWait } from './download-options';
import { withoutSecrets } from './without-secrets';

/** Where to fetch from and where to keep it, settled from options and environment. */
export interface HubSettings {
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly token: string | undefined;
  readonly cacheDirectory: string;
  readonly offline: boolean;
  readonly signal: AbortSignal | undefined;
  readonly timeout: number;
  readonly retries: number;
  readonly retryDelay: number;
  readonly longestWait: number;
  readonly onWait: (wait: DownloadWait) => void;
  readonly fetch: typeof fetch;
}

/** @throws ConfigError for an endpoint that is no address, a token that is none, and options that are unknown or of another type */
export function hubSettings(options: DownloadOptions, environment: NodeJS.ProcessEnv = process.env): HubSettings {
  checkDownloadOptions(options);
  const { HF_ENDPOINT, HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE } = environment;
  const home = hubHome(environment);
  const cache = HF_HUB_CACHE || HUGGINGFACE_HUB_CACHE || join(home, 'hub');
  return {
    endpoint: checkedEndpoint(options.endpoint ?? (HF_ENDPOINT || 'https://huggingface.co')),
    token: checkedToken(options.token === false ? undefined : (options.token ?? environmentToken(environment, home))),
    cacheDirectory: resolve(options.cacheDirectory ?? expanded(cache, environment)),
    offline: options.offline ?? /^(1|on|yes|true)$/i.test(HF_HUB_OFFLINE || TRANSFORMERS_OFFLINE || ''),
    signal: options.signal,
    timeout: options.timeout ?? 10_000,
    retries: options.retries ?? 5,
    retryDelay: options.retryDelay ?? 500,
    longestWait: options.longestWait ?? 300_000,
    onWait: options.onWait ?? sayWait,
    fetch: options.fetch ?? fetch,
  };
}

function sayWait({ milliseconds, error }: DownloadWait): void {
  console.warn(`Waiting ${Math.ceil(milliseconds / 1000)} s before the next request: ${(error as Error).message}`);
}

function hubHome(environment: NodeJS.ProcessEnv): string {
  const { HF_HOME, XDG_CACHE_HOME } = environment;
  return expanded(HF_HOME || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'huggingface'), environment);
}

function environmentToken(environment: NodeJS.ProcessEnv, home: string): string | undefined {
  const { HF_TOKEN, HUGGING_FACE_HUB_TOKEN, HF_TOKEN_PATH, HF_HUB_DISABLE_IMPLICIT_TOKEN } = environment;
  if (/^(1|on|yes|true)$/i.test(HF_HUB_DISABLE_IMPLICIT_TOKEN ?? '')) return undefined;
  const given = HF_TOKEN || HUGGING_FACE_HUB_TOKEN;
  if (given) return given.trim();
  try {
    const path = HF_TOKEN_PATH ? expanded(HF_TOKEN_PATH, environment) : join(home, 'token');
    return new TextDecoder().decode(readRegularFileSync(path, { maxBytes: longestToken })).trim() || undefined;
  } catch {
    return undefined; // nobody logged in
  }
}

/** `~` and `$NAME` in a path, as Python takes them. */
function expanded(path: string, environment: NodeJS.ProcessEnv): string {
  return path
    .replace(/^~(?=$|[/\\])/, homedir())
    .replace(/\$(?:(\w+)|\{(\w+)\})/g, (whole, plain, braced) => environment[plain ?? braced] ?? whole);
}

/** In bytes; the hub's have 37. */
const longestToken = 4096;

/** What is no token is not shown: it may be one with something about it. */
function checkedToken(token: string | undefined): string | undefined {
  const trimmed = token?.trim();
  if (!trimmed || (/^[\x21-\x7e]+$/.test(trimmed) && trimmed.length <= longestToken)) return trimmed || undefined;
  throw new ConfigError({
    where: 'token (HF_TOKEN)',
    expected: 'a token of letters, digits and signs of ASCII',
    received: 'one with white space or other letters in it, or one that is far too long',
    hint: 'Is there more than the token in the variable or file?',
  });
}

function checkedEndpoint(endpoint: string): string {
  const where = 'endpoint (HF_ENDPOINT)';
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new ConfigError({ where, expected: 'an http or https address', received: `"${withoutSecrets(endpoint)}"` });
  }
  if (url.username === '' && url.password === '') return endpoint.replace(/\/+$/, '');
  throw new ConfigError({
    where,
    expected: 'an address without user name and password',
    received: `${url.protocol}//…@${url.host}`,
    hint: 'Give a token (option token, HF_TOKEN): requests carry it as a bearer.',
  });
}
