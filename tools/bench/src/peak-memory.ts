import { readFileSync } from 'node:fs';

/**
 * The most memory that this process has had resident, in bytes. On Linux from `VmHWM`: `maxRSS` counts what the parent
 * had at the fork as well.
 */
export function peakRssBytes(): number {
  if (process.platform === 'linux') {
    const peak = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    if (peak) return Number(peak[1]) * 1024;
  }
  return process.resourceUsage().maxRSS * 1024;
}
