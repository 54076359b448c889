// Measures a server from outside and judges the figures: samples of /proc, percentiles, and whether a series is flat.
import { readFile, readdir, stat } from 'node:fs/promises'

export const MIB = 1 << 20

// The value below which a share of the values lies; NaN if there are none.
export function percentile(values, share) {
  if (values.length === 0) return NaN
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
}

export const median = values => percentile(values, 0.5)

// One sample of a process and its store. `anonymous` is the memory that the process allocated; the
// pages of the store that the kernel caches for it are in `resident` only, and grow with the store.
export async function sample(pid, store) {
  const [status, cpu, descriptors, file] = await Promise.all([
    readFile(`/proc/${pid}/status`, 'utf8'), readFile(`/proc/${pid}/stat`, 'utf8'),
    readdir(`/proc/${pid}/fd`), stat(store),
  ])
  const number = name => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)[1])
  const [user, system] = cpu.slice(cpu.lastIndexOf(')') + 2).split(' ').slice(11, 13).map(Number)
  return {
    at: Date.now(), resident: number('VmRSS') / 1024, anonymous: number('RssAnon') / 1024, threads: number('Threads'),
    descriptors: descriptors.length, file: file.size / MIB, cpu: (user + system) / 100, // of a clock of 100 Hz
  }
}

// Compares the median of the second quarter of a series with that of the last one. The first quarter is
// the time to warm up. Returns undefined if the series is flat, else what it did.
export function drift(name, series, { share, slack }) {
  const quarter = Math.floor(series.length / 4)
  if (quarter < 2) return `${name}: ${series.length} samples are too few to compare; at least 8 are needed`
  const before = median(series.slice(quarter, 2 * quarter)), after = median(series.slice(-quarter))
  const most = before * (1 + share) + slack
  if (after <= most) return undefined
  return `${name} grew: median ${before.toFixed(1)} in the second quarter, ${after.toFixed(1)} in the last, at most ${most.toFixed(1)} allowed`
}

// Counts by name.
export class Tally extends Map {
  add(name, n = 1) {
    this.set(name, (this.get(name) ?? 0) + n)
  }

  toString() {
    return [...this].sort().map(([name, n]) => `${name} ×${n}`).join(', ') || 'nothing'
  }
}
