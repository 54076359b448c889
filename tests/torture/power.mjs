// A disk whose power may go at any moment. Replays the record of power_record.c, and says after each entry
// which files the disk may have: everything that was synced is there, and of everything else any part.
//
//   - A sync of a file covers each earlier write to it. A write to a file that was opened with O_DSYNC is
//     synced when it returns.
//   - A sector that was written since then holds any of the contents that it had since then. Sectors come
//     one at a time, or eight together; their order does not matter.
//   - An entry of a folder (a new file or folder, a rename, a removal) is there for certain once the folder was
//     synced. Before that, any part of these changes may be missing.
//   - A truncation counts as synced at once.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

const SECTOR = 512, HEAD = 32
export const [OPENED, WRITTEN, SYNCED, TRUNCATED, RENAMED, UNLINKED, MADE_FOLDER, SENT] = [1, 2, 3, 4, 5, 6, 7, 8]
const NEW = 1, DURABLE = 2

export function readRecord(path) {
  const bytes = readFileSync(path), entries = []
  for (let at = 0; at < bytes.length;) {
    const pathLength = bytes.readUInt32LE(at + 24), dataLength = bytes.readUInt32LE(at + 28), data = at + HEAD + pathLength
    entries.push({
      kind: bytes.readUInt32LE(at), flags: bytes.readUInt32LE(at + 4), inode: bytes.readBigUInt64LE(at + 8), offset: Number(bytes.readBigUInt64LE(at + 16)),
      path: bytes.toString('utf8', at + HEAD, data), data: bytes.subarray(data, data + dataLength),
    })
    at = data + dataLength
  }
  return entries
}

class File {
  now = Buffer.alloc(0) // as programs see it; longer than the file, which has `size` bytes
  kept = Buffer.alloc(0) // as the disk has it for certain
  size = 0
  keptSize = 0
  pending = new Map() // sector → [[time, content], …], oldest first

  #reach(size) {
    if (size <= this.now.length) return
    const room = Buffer.alloc(Math.max(2 * this.now.length, Math.ceil(size / SECTOR) * SECTOR))
    const kept = Buffer.alloc(room.length)
    this.now.copy(room)
    this.kept.copy(kept)
    this.now = room
    this.kept = kept
  }

  #sectors(offset, length) {
    const first = Math.floor(offset / SECTOR)
    return Array.from({ length: Math.ceil((offset + length) / SECTOR) - first }, (_, n) => first + n)
  }

  write(time, offset, data) {
    this.#reach(offset + data.length)
    data.copy(this.now, offset)
    this.size = Math.max(this.size, offset + data.length)
    for (const sector of this.#sectors(offset, data.length)) {
      if (!this.pending.has(sector)) this.pending.set(sector, [])
      this.pending.get(sector).push([time, Buffer.from(this.now.subarray(sector * SECTOR, (sector + 1) * SECTOR))])
    }
  }

  #keep(sector) {
    this.now.copy(this.kept, sector * SECTOR, sector * SECTOR, (sector + 1) * SECTOR)
    this.pending.delete(sector)
  }

  keepRange(offset, length) {
    for (const sector of this.#sectors(offset, length)) this.#keep(sector)
    this.keptSize = Math.max(this.keptSize, Math.min(this.size, offset + length))
  }

  sync() {
    for (const sector of [...this.pending.keys()]) this.#keep(sector)
    this.keptSize = this.size
  }

  truncate(size) {
    this.#reach(size)
    for (const bytes of [this.now, this.kept]) bytes.fill(0, size)
    for (const sector of this.pending.keys()) if (sector * SECTOR >= size) this.pending.delete(sector)
    this.size = this.keptSize = size
  }

  // The content after the power went; `choose(time of each version)` picks one of them, or -1 for what was
  // kept, for each granule of so many sectors.
  image(granule, choose) {
    const bytes = Buffer.from(this.kept.subarray(0, this.size))
    let size = this.keptSize
    const cuts = new Map()
    for (const [sector, versions] of this.pending) {
      const group = Math.floor(sector / granule)
      if (!cuts.has(group)) cuts.set(group, choose(versions.map(([time]) => time)))
      const version = versions.findLast(([time]) => time <= cuts.get(group))
      if (!version) continue
      version[1].copy(bytes, sector * SECTOR)
      size = Math.max(size, Math.min(this.size, (sector + 1) * SECTOR))
    }
    return bytes.subarray(0, size)
  }
}

// Folders are a map of paths to File, or to null for a folder; `kept` has what is synced.
export class Disk {
  #inodes = new Map()
  #now = new Map()
  #kept = new Map()
  #changes = [] // { folder, apply(map) }, not synced yet
  time = 0

  // `ignores` names what this disk does not do, for controls: syncs of files, or of folders.
  constructor(root, ignores = []) {
    this.root = root
    this.ignores = ignores
  }

  #change(path, apply) {
    apply(this.#now)
    this.#changes.push({ folder: dirname(path), apply })
  }

  // The first half of an entry: after it, the power may go in the middle of the call.
  begin({ kind, inode, offset, data }) {
    this.time++
    if (kind === WRITTEN) this.#inodes.get(inode)?.write(this.time, offset, data)
  }

  finish({ kind, flags, inode, offset, path, data }) {
    const file = this.#inodes.get(inode)
    if (kind === OPENED && flags & NEW) {
      const made = new File()
      this.#inodes.set(inode, made)
      this.#change(path, map => map.set(path, made))
    } else if (kind === OPENED && (path === this.root || this.#now.get(path) === null)) {
      this.#inodes.set(inode, path)
    } else if (kind === WRITTEN && flags & DURABLE && !this.ignores.includes('syncs')) {
      file?.keepRange(offset, data.length)
    } else if (kind === SYNCED && typeof file === 'string' && !this.ignores.includes('folders')) {
      for (const { apply } of this.#changes.filter(({ folder }) => folder === file)) apply(this.#kept)
      this.#changes = this.#changes.filter(({ folder }) => folder !== file)
    } else if (kind === SYNCED && file instanceof File && !this.ignores.includes('syncs')) {
      file.sync()
    } else if (kind === TRUNCATED) {
      file?.truncate(offset)
    } else if (kind === RENAMED) {
      const to = data.toString()
      this.#change(to, map => {
        if (map.has(path)) map.set(to, map.get(path))
        map.delete(path)
      })
    } else if (kind === UNLINKED) {
      this.#change(path, map => map.delete(path))
    } else if (kind === MADE_FOLDER) {
      this.#change(path, map => map.set(path, null))
    }
  }

  get isPending() {
    return this.#changes.length > 0 || [...this.#now.values()].some(file => file?.pending.size)
  }

  // Writes an image of the disk to a folder. `how` is one of HOWS.
  write(folder, how, random) {
    const { granule, entries, choose } = hows[how](random, this.time)
    const map = new Map(this.#kept)
    for (const { apply } of this.#changes) if (entries()) apply(map)
    const target = path => join(folder, path.slice(this.root.length))
    for (const path of [...map.keys()].sort()) { // folders come before what is in them
      const inside = dirname(path) === this.root || map.get(dirname(path)) === null
      if (!inside || basename(path) === 'lock.mdb') map.delete(path) // of no meaning after a restart
      else if (map.get(path) === null) mkdirSync(target(path), { recursive: true, mode: 0o700 })
      else writeFileSync(target(path), map.get(path).image(granule, choose), { mode: 0o600 })
    }
  }
}

const one = (random, list) => list[Math.floor(random() * list.length)]
const hows = {
  nothing: () => ({ granule: 1, entries: () => false, choose: () => -1 }),
  everything: () => ({ granule: 1, entries: () => true, choose: () => Infinity }),
  // Each sector, or page, by itself.
  sectors: random => ({ granule: 1, entries: () => random() < 0.5, choose: times => one(random, [-1, ...times]) }),
  pages: random => ({ granule: 8, entries: () => random() < 0.5, choose: times => one(random, [-1, ...times]) }),
  // In the order of the writes, up to one that is torn.
  torn: (random, now) => {
    const until = now - Math.floor(4 * random())
    return { granule: 1, entries: () => true, choose: times => (times[0] < until || (times[0] === until && random() < 0.5) ? until : -1) }
  },
  // The newest writes are there, and some of the older ones are not.
  reordered: (random, now) => {
    const from = now - Math.floor(3 * random()), share = random()
    return { granule: 8, entries: () => random() < 0.5, choose: times => (times.at(-1) >= from || random() < share ? Infinity : -1) }
  },
}
export const HOWS = Object.keys(hows)
