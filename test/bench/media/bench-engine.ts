import type { BenchCodec } from './bench-codec.js';

export interface BenchCall {
  id: string;
  /** What the browser speaks; the carrier speaks PCMU. */
  codec: BenchCodec;
  browserOffer: string;
  carrierAnswer: string;
}

/** A media engine under test: it runs in processes of its own, so that their CPU time is its own. */
export interface BenchEngine {
  readonly name: string;
  /** Resolves when calls can be opened. */
  start(): Promise<void>;
  /** The processes whose CPU time and memory count. */
  pids(): number[];
  /** Puts the engine between a browser that offers and the carrier's echo; returns the browser's answer. */
  openCall(call: BenchCall): Promise<string>;
  /** Absent when the engine cannot answer a browser before the carrier answers. */
  readonly ringing?:
    | {
        /** Answers the browser while the carrier rings; returns that answer. */
        ring(call: BenchCall): Promise<string>;
        /** The carrier answers. */
        pickUp(call: BenchCall): Promise<void>;
      }
    | undefined;
  closeCalls(): Promise<void>;
  stop(): Promise<void>;
}
