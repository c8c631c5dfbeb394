import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Kernel ticks per second in /proc/<pid>/stat; 100 on every Linux that node runs on. */
const TICKS_PER_SECOND = 100;

export interface Usage {
  /** User and system time of all threads, s, since the processes began. */
  cpuSeconds: number;
  /** Resident memory now, MB. */
  residentMb: number;
}

/** The sum over the processes; those that have ended count nothing. */
export function usage(pids: readonly number[]): Usage {
  let cpuSeconds = 0;
  let residentMb = 0;
  for (const pid of pids) {
    const stat = readStat(pid);
    if (stat === undefined) continue;
    cpuSeconds += (Number(stat[11]) + Number(stat[12])) / TICKS_PER_SECOND;
    residentMb += residentKb(pid) / 1024;
  }
  return { cpuSeconds, residentMb };
}

/** What all processors have worked since the machine started, s. */
export function machineCpuSeconds(): number {
  const [line = ''] = readFileSync('/proc/stat', 'latin1').split('\n');
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq) / TICKS_PER_SECOND;
}

/** Children of a process, and theirs. */
export function descendants(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const parent = Number.isInteger(pid) ? readStat(pid)?.[1] : undefined;
    if (parent === undefined) continue;
    children.set(Number(parent), [...(children.get(Number(parent)) ?? []), pid]);
  }
  const found: number[] = [];
  const queue = [root];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    const own = children.get(pid) ?? [];
    found.push(...own);
    queue.push(...own);
  }
  return found;
}

/** The fields of /proc/<pid>/stat after the command name, from `state` on (proc(5)). */
function readStat(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function residentKb(pid: number): number {
  try {
    const match = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
    return Number(match?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Datagrams that the kernel dropped because these processes did not read their sockets in time. */
export function socketDrops(pids: readonly number[]): number {
  const drops = new Map<string, number>();
  for (const line of readFileSync('/proc/net/udp', 'latin1').split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/);
    if (fields.length >= 13) drops.set(fields[9] ?? '', Number(fields[12]));
  }
  let sum = 0;
  for (const pid of pids) for (const inode of socketInodes(pid)) sum += drops.get(inode) ?? 0;
  return sum;
}

function socketInodes(pid: number): string[] {
  try {
    const directory = `/proc/${pid}/fd`;
    return readdirSync(directory).flatMap((fd) => {
      const match = /^socket:\[(\d+)\]$/.exec(linkOf(`${directory}/${fd}`));
      return match?.[1] === undefined ? [] : [match[1]];
    });
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
