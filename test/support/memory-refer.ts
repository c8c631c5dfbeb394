import type { IncomingRefer } from '../../gateway/signaling/incoming-refer.js';
import type { DialogId } from '../../gateway/signaling/incoming-refer.js';

/** A REFER of a peer, and what it is told. */
export class MemoryRefer implements IncomingRefer {
  readonly target: { user: string; host: string };
  readonly replaces: DialogId | undefined;
  accepted = false;
  refused: { status: number; sentence: string; code: string } | undefined;
  /** Statuses of the NOTIFYs. */
  readonly reports: number[] = [];

  constructor(user: string, replaces: DialogId | undefined) {
    this.target = { user, host: 'test' };
    this.replaces = replaces;
  }

  accept(): void {
    this.accepted = true;
  }

  reject(status: number, options: { sentence: string; code: string }): void {
    this.refused ??= { status, ...options };
  }

  report(status: number): Promise<void> {
    this.reports.push(status);
    return Promise.resolve();
  }
}
