import type { Clock } from '../kernel/clock.js';
import { CopperlineError, toCopperlineError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';
import { SerialQueue } from '../kernel/serial-queue.js';
import { TypedEvents } from '../kernel/typed-events.js';
import type { BrowserFlow } from './browser-flows.js';
import type { Binding, LocationStore } from './location.js';
import {
  readRegisterRequest,
  type RegisterRequest,
  type RequestedContact,
} from './register-request.js';
import { refusalReply } from './replies.js';
import type { SipReply, SipRequest } from './sip-request.js';

export interface RegistrarLimits {
  minExpiresS: number;
  maxExpiresS: number;
  /** Granted when the client asks for no particular time. */
  defaultExpiresS: number;
  maxContactsPerUser: number;
}

export const DEFAULT_REGISTRAR_LIMITS: RegistrarLimits = {
  minExpiresS: 60,
  maxExpiresS: 3600,
  defaultExpiresS: 600,
  maxContactsPerUser: 10,
};

export type RegistrarEvents = {
  /** A device of the user was added or refreshed. */
  registered: [Binding, BrowserFlow];
  /** `signed-off` by its own REGISTER, or `lost` with its WebSocket. */
  removed: [user: string, contact: string, how: 'signed-off' | 'lost'];
};

/**
 * The registrar for browser users (RFC 3261 section 10.3). A binding lives as long as the WebSocket it
 * came on, at most until it expires.
 */
export class Registrar {
  readonly events: TypedEvents<RegistrarEvents>;
  readonly #store: LocationStore;
  readonly #limits: RegistrarLimits;
  readonly #clock: Clock;
  readonly #log: Log;
  /** One REGISTER after another: reading and changing the bindings of an AOR is one step (section 10.3). */
  readonly #queue = new SerialQueue();
  /** Flows whose end is already watched, with the users who have bindings on them. */
  readonly #watched = new WeakMap<BrowserFlow, Set<string>>();

  constructor(options: { store: LocationStore; limits: RegistrarLimits; clock: Clock; log: Log }) {
    this.#store = options.store;
    this.#limits = options.limits;
    this.#clock = options.clock;
    this.#log = options.log;
    this.events = new TypedEvents((error) => {
      this.#log.error({ err: error }, 'a listener of the registrar failed');
    });
  }

  /** Answers an authenticated REGISTER of `user` that came on `flow`. Never rejects. */
  async register(request: SipRequest, user: string, flow: BrowserFlow): Promise<SipReply> {
    try {
      const asked = readRegisterRequest(request);
      if (asked.aorUser !== user) {
        throw new CopperlineError('CL_AUTH_IDENTITY', {
          sentence: 'The signed-in user may register only their own address.',
        });
      }
      return await this.#queue.run(() => this.#update(asked, flow));
    } catch (thrown) {
      const error = toCopperlineError(thrown, 'CL_INTERNAL');
      const { sipStatus, code, sentence } = error;
      this.#log.info({ user, code, sentence }, 'registration refused');
      const headers = code === 'CL_REGISTER_TOO_BRIEF' ? this.#minExpires() : {};
      return refusalReply({ status: sipStatus, code, sentence, headers });
    }
  }

  close(): void {
    this.#queue.close();
    this.events.removeAll();
  }

  async #update(asked: RegisterRequest, flow: BrowserFlow): Promise<SipReply> {
    const present = await this.#store.find(asked.aorUser);
    const contacts = this.#granted(asked, present);
    this.#refuseOldOrders(asked, present, contacts);
    const added = contacts.filter(
      ({ uri, expiresS }) => expiresS > 0 && !present.some(({ contact }) => contact === uri),
    );
    if (present.length + added.length > this.#limits.maxContactsPerUser) {
      throw new CopperlineError('CL_REGISTER_TOO_MANY', {
        sentence: `The user has ${present.length} devices registered and may have ${this.#limits.maxContactsPerUser}.`,
      });
    }
    for (const contact of contacts) {
      if (contact.expiresS === 0) await this.#remove(asked.aorUser, contact.uri, 'signed-off');
      else await this.#save(asked, contact, flow);
    }
    return this.#answer(await this.#store.find(asked.aorUser), contacts);
  }

  /** RFC 3261 section 10.3 step 7: too brief is refused, too long is shortened. */
  #granted(
    asked: RegisterRequest,
    present: readonly Binding[],
  ): (RequestedContact & { expiresS: number })[] {
    if (asked.contacts === 'all')
      return present.map(({ contact, instance }) => ({ uri: contact, instance, expiresS: 0 }));
    return asked.contacts.map((contact) => {
      const wished = contact.expiresS ?? this.#limits.defaultExpiresS;
      if (wished > 0 && wished < this.#limits.minExpiresS) {
        throw new CopperlineError('CL_REGISTER_TOO_BRIEF', {
          sentence: `A registration of ${wished} s is too brief; the least is ${this.#limits.minExpiresS} s.`,
        });
      }
      return { ...contact, expiresS: Math.min(wished, this.#limits.maxExpiresS) };
    });
  }

  /** RFC 3261 section 10.3 steps 6 and 7: same Call-ID, CSeq not higher: the update fails as a whole. */
  #refuseOldOrders(
    asked: RegisterRequest,
    present: readonly Binding[],
    contacts: readonly RequestedContact[],
  ): void {
    const old = present.find(
      ({ contact, callId, cseq }) =>
        callId === asked.callId &&
        asked.cseq <= cseq &&
        contacts.some(({ uri }) => uri === contact),
    );
    if (old === undefined) return;
    throw new CopperlineError('CL_REGISTER_OUT_OF_ORDER', {
      sentence: `The REGISTER has CSeq ${asked.cseq}, but CSeq ${old.cseq} of the same client came before it.`,
    });
  }

  async #save(
    asked: RegisterRequest,
    contact: RequestedContact & { expiresS: number },
    flow: BrowserFlow,
  ): Promise<void> {
    if (flow.closed.aborted) return;
    const binding: Binding = {
      user: asked.aorUser,
      contact: contact.uri,
      flowId: flow.id,
      callId: asked.callId,
      cseq: asked.cseq,
      expiresAt: this.#clock.monotonic() + contact.expiresS * 1000,
      instance: contact.instance,
      userAgent: asked.userAgent,
    };
    await this.#store.save(binding);
    this.#watch(flow, binding.user);
    this.#log.debug({ user: binding.user, expiresS: contact.expiresS }, 'registered');
    this.events.emit('registered', binding, flow);
  }

  async #remove(user: string, contact: string, how: 'signed-off' | 'lost'): Promise<void> {
    await this.#store.remove(user, contact);
    this.events.emit('removed', user, contact, how);
  }

  /** Removes the bindings of a flow when its WebSocket closes; those that another flow took over stay. */
  #watch(flow: BrowserFlow, user: string): void {
    const watched = this.#watched.get(flow);
    if (watched !== undefined) {
      watched.add(user);
      return;
    }
    const users = new Set([user]);
    this.#watched.set(flow, users);
    const onClosed = (): void => {
      this.#queue
        .run(() => this.#removeFlow(flow.id, users))
        .catch((error: unknown) => {
          this.#log.warn({ err: error }, 'the bindings of a closed WebSocket were not removed');
        });
    };
    if (flow.closed.aborted) onClosed();
    else flow.closed.addEventListener('abort', onClosed, { once: true });
  }

  async #removeFlow(flowId: string, users: ReadonlySet<string>): Promise<void> {
    for (const user of users) {
      for (const binding of await this.#store.find(user)) {
        if (binding.flowId === flowId) await this.#remove(user, binding.contact, 'lost');
      }
    }
  }

  /**
   * RFC 3261 section 10.3 step 8. The expiry stands in each Contact and in Expires, because the SIP
   * server keeps the way to a WebSocket client just as long.
   */
  #answer(present: readonly Binding[], granted: readonly { expiresS: number }[]): SipReply {
    const now = this.#clock.monotonic();
    const contacts = present.map((binding) => {
      const seconds = Math.max(1, Math.round((binding.expiresAt - now) / 1000));
      return `<${binding.contact}>;expires=${seconds}`;
    });
    const longest = granted.length === 0 ? undefined : Math.max(...granted.map((c) => c.expiresS));
    return {
      status: 200,
      headers: {
        ...(contacts.length === 0 ? {} : { Contact: contacts.join(', ') }),
        ...(longest === undefined ? {} : { Expires: String(longest) }),
        Date: new Date(this.#clock.now()).toUTCString(),
      },
    };
  }

  #minExpires(): Record<string, string> {
    return { 'Min-Expires': String(this.#limits.minExpiresS) };
  }
}
