import { EventEmitter, once } from 'node:events';
import type {
  BrowserAddress,
  SipUplink,
  SipUplinkFactory,
  SipUplinkHandlers,
} from '../../gateway/web/sip-uplink.js';

/** One way into a SIP server that a test plays. */
export class ScriptedUplink implements SipUplink {
  readonly flowKey: string;
  readonly handlers: SipUplinkHandlers;
  readonly frames: string[] = [];
  closed = false;
  readonly #events = new EventEmitter();

  constructor(browser: BrowserAddress, handlers: SipUplinkHandlers) {
    this.flowKey = `${browser.host}:${browser.port}`;
    this.handlers = handlers;
  }

  send(frame: Buffer): void {
    this.frames.push(frame.toString('latin1'));
    this.#events.emit('change');
  }

  close(): void {
    this.closed = true;
    this.#events.emit('change');
  }

  /** Resolves when `count` frames came from the browser. */
  async received(count: number): Promise<readonly string[]> {
    while (this.frames.length < count) await once(this.#events, 'change');
    return this.frames;
  }

  async untilClosed(): Promise<void> {
    while (!this.closed) await once(this.#events, 'change');
  }
}

/** A SIP server of which a test decides when it takes a browser, and hears what it is told. */
export class ScriptedUplinks implements SipUplinkFactory {
  readonly opened: ScriptedUplink[] = [];
  /** Awaited before a browser is taken; a rejection refuses it. */
  gate: Promise<void> = Promise.resolve();
  readonly #events = new EventEmitter();

  async open(browser: BrowserAddress, handlers: SipUplinkHandlers): Promise<SipUplink> {
    await this.gate;
    const uplink = new ScriptedUplink(browser, handlers);
    this.opened.push(uplink);
    this.#events.emit('opened');
    return uplink;
  }

  /** Resolves with the uplink of the n-th browser, from 0. */
  async uplink(index = 0): Promise<ScriptedUplink> {
    for (;;) {
      const uplink = this.opened[index];
      if (uplink !== undefined) return uplink;
      await once(this.#events, 'opened');
    }
  }

  get stillOpen(): number {
    return this.opened.filter(({ closed }) => !closed).length;
  }
}
