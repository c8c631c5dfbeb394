import type { FreePorts } from '../free-ports.js';

/** Where a server listens on 127.0.0.1. */
export interface ServerPorts {
  udp: number;
  websocket: number;
  application: number;
  secret: string;
}

export interface ServerReport {
  /** Resident memory of the process, MB. */
  residentMb: number;
  /** What is in use of it after a garbage collection, MB; undefined where there is none. */
  liveMb?: number;
  /** What the server says lives in it; undefined when it cannot be asked. */
  counts?: { dialogs: number; bindings: number };
}

/** Copperline's embedded SIP server, or a drachtio-server, in a process of its own. */
export interface ServerUnderTest {
  readonly name: string;
  readonly pid: number;
  /** @param free where ports come from that it must be told */
  start(free: FreePorts): Promise<ServerPorts>;
  /** Resolves when no transaction is left of what is over: those of UDP live on for 32 s (RFC 3261 section 17). */
  idle(): Promise<void>;
  report(): Promise<ServerReport>;
  stop(): Promise<void>;
}
