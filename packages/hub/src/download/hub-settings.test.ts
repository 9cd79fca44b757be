import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../testing/test-files';
import { hubSettings } from './hub-settings';

describe('hubSettings', () => {
  it('takes the environment as Python takes it', () => {
    const home = temporaryFolder();
    writeFileSync(join(home, 'token'), 'hf_from_login\n');
    const cacheOf = (environment: NodeJS.ProcessEnv) => hubSettings({}, environment).cacheDirectory;
    expect(cacheOf({})).toBe(join(homedir(), '.cache', 'huggingface', 'hub'));
    expect(cacheOf({ XDG_CACHE_HOME: '/xdg' })).toBe(resolve('/xdg/huggingface/hub'));
    expect(cacheOf({ HF_HOME: '~/hf' })).toBe(join(homedir(), 'hf', 'hub'));
    expect(cacheOf({ HF_HOME: '/hf', HUGGINGFACE_HUB_CACHE: '/old' })).toBe(resolve('/old'));
    const inBraces = '$' + '{PART}';
    expect(cacheOf({ HF_HUB_CACHE: `$DISK/${inBraces}`, DISK: '/disk', PART: 'part' })).toBe(resolve('/disk/part'));
    const tokenOf = (environment: NodeJS.ProcessEnv) => hubSettings({}, environment).token;
    expect(tokenOf({ HF_HOME: home })).toBe('hf_from_login');
    expect(tokenOf({ HF_HOME: home, HF_TOKEN: 'hf_set' })).toBe('hf_set');
    expect(tokenOf({ HF_TOKEN_PATH: join(home, 'token') })).toBe('hf_from_login');
    expect(tokenOf({ HF_HOME: home, HF_HUB_DISABLE_IMPLICIT_TOKEN: '1' })).toBeUndefined();
    expect(tokenOf({ HF_HOME: join(home, 'none') })).toBeUndefined();
    expect(hubSettings({}, { HF_HUB_OFFLINE: 'TRUE' }).offline).toBe(true);
    expect(hubSettings({}, { HF_HUB_OFFLINE: '0' }).offline).toBe(false);
    expect(hubSettings({}, {}).endpoint).toBe('https://huggingface.co');
    expect(hubSettings({}, { HF_ENDPOINT: 'https://mirror.example/' }).endpoint).toBe('https://mirror.example');
  });

  it('takes options before the environment', () => {
    const environment = {
      HF_ENDPOINT: 'https://a.example',
      HF_TOKEN: 'hf_set',
      HF_HUB_CACHE: '/a',
      HF_HUB_OFFLINE: '1',
    };
    const options = { endpoint: 'http://b.example', token: 'hf_mine', cacheDirectory: '/b', offline: false } as const;
    expect(hubSettings(options, environment)).toMatchObject({ ...options, cacheDirectory: resolve('/b') });
    expect(hubSettings({ token: false }, environment).token).toBeUndefined();
  });
});
