import type { NaptrRecord } from 'node:dns';
import { isIP } from 'node:net';
import type { Clock } from '../../kernel/clock.js';
import { unbracketHost } from '../message/host-port.js';
import { uriParam, type SipUri } from '../message/uri.js';
import type { TransportProtocol } from '../transport/transport.js';
import { DnsQuestions } from './dns-questions.js';
import type { DnsResolver } from './dns-resolver.js';
import type { HopQuestion, HopTarget, NextHop } from './next-hop.js';
import { orderSrv } from './srv-order.js';
import { defaultPort, requestedProtocol, SERVICES, SRV_PREFIX } from './transport-names.js';

export interface DnsNextHopOptions {
  resolver: DnsResolver;
  clock: Clock;
  /** From 0 (included) to 1 (excluded). */
  random: () => number;
}

/** What one name may make us ask and try. */
const MAX_SRV = 8;
const MAX_TARGETS = 16;

/** A name to ask for SRV records, or a host, and the protocol found for it. */
interface Service {
  protocol: TransportProtocol;
  /** With SRV records. */
  srv: string | undefined;
}

/** RFC 3263 section 4, with RFC 7118 section 4 for WebSockets. */
export class DnsNextHop implements NextHop {
  readonly #dns: DnsQuestions;
  readonly #random: () => number;

  constructor(options: DnsNextHopOptions) {
    this.#dns = new DnsQuestions(options.resolver, options.clock);
    this.#random = options.random;
  }

  async targets(question: HopQuestion): Promise<HopTarget[]> {
    const { uri } = question;
    const host = hostOf(uri);
    const targets: HopTarget[] = [];
    for (const service of await this.#services(question, host)) {
      const { protocol } = service;
      for (const place of await this.#places(service, uri, host)) {
        for (const address of await this.#addresses(place.host, question.families(protocol)))
          targets.push({ protocol, host: address, port: place.port, serverName: host });
        if (targets.length >= MAX_TARGETS) return targets.slice(0, MAX_TARGETS);
      }
    }
    return targets;
  }

  close(): void {
    this.#dns.close();
  }

  /** RFC 3263 section 4.1: which protocols, best first. */
  async #services(question: HopQuestion, host: string): Promise<Service[]> {
    const { uri, protocols } = question;
    const asked = requestedProtocol(uri);
    const direct = isIP(host) !== 0 || uri.port !== undefined || host === 'localhost';
    if (asked !== undefined) {
      const srv = direct ? undefined : `${SRV_PREFIX[asked]}.${host}`;
      return protocols.has(asked) ? [{ protocol: asked, srv }] : [];
    }
    if (direct) return usualService(question);
    const named = await this.#naptr(question, host);
    if (named.length > 0) return named;
    const found = await this.#srvByProtocol(question, host);
    return found.length > 0 ? found : usualService(question);
  }

  async #naptr({ uri, protocols }: HopQuestion, host: string): Promise<Service[]> {
    const records = [...(await this.#dns.naptr(host))].sort(byOrder);
    return records.flatMap(({ service, flags, replacement }) => {
      const protocol = SERVICES[service.toUpperCase()];
      const fits =
        protocol !== undefined &&
        flags.toLowerCase() === 's' &&
        protocols.has(protocol) &&
        // RFC 3263 section 4.1: a sips URI takes SIPS services only.
        (uri.scheme === 'sip' || service.toUpperCase().startsWith('SIPS'));
      return fits ? [{ protocol, srv: replacement }] : [];
    });
  }

  /** RFC 3263 section 4.1: without NAPTR, whatever protocol has SRV records. */
  async #srvByProtocol({ uri, protocols }: HopQuestion, host: string): Promise<Service[]> {
    const order = (uri.scheme === 'sips' ? ['tls'] : ['udp', 'tcp', 'tls']) as TransportProtocol[];
    const usable = order.filter((protocol) => protocols.has(protocol));
    const services = usable.map((protocol) => ({
      protocol,
      srv: `${SRV_PREFIX[protocol]}.${host}`,
    }));
    const answers = await Promise.all(services.map(({ srv }) => this.#dns.srv(srv)));
    return services.filter((_service, index) => (answers[index] ?? []).length > 0);
  }

  /** RFC 3263 section 4.2: host names (or an address) and ports. */
  async #places(
    service: Service,
    uri: SipUri,
    host: string,
  ): Promise<{ host: string; port: number }[]> {
    const plain = { host, port: uri.port ?? defaultPort(service.protocol) };
    if (service.srv === undefined) return [plain];
    const records = await this.#dns.srv(service.srv.toLowerCase());
    if (records.length === 0) return [plain];
    return (
      orderSrv(records, this.#random)
        // RFC 2782: a target of "." says that the service is not there.
        .filter(({ name }) => name !== '' && name !== '.')
        .slice(0, MAX_SRV)
        .map(({ name, port }) => ({ host: name.toLowerCase(), port }))
    );
  }

  async #addresses(host: string, families: readonly (4 | 6)[]): Promise<string[]> {
    const family = isIP(host);
    if (family !== 0) return families.includes(family as 4 | 6) ? [host] : [];
    const answers = await Promise.all(families.map((one) => this.#dns.addresses(host, one)));
    return answers.flat();
  }
}

/** Where nothing names a protocol: UDP, or TLS for sips. A server that has TCP alone must not be mute. */
function usualService({ uri, protocols }: HopQuestion): Service[] {
  const usable: TransportProtocol[] = uri.scheme === 'sips' ? ['tls'] : ['udp', 'tcp'];
  const protocol = usable.find((one) => protocols.has(one));
  return protocol === undefined ? [] : [{ protocol, srv: undefined }];
}

/** RFC 3261 section 19.1.1: `maddr` overrides the host. */
function hostOf(uri: SipUri): string {
  const maddr = uriParam(uri, 'maddr');
  return unbracketHost(maddr === undefined || maddr === '' ? uri.host : maddr).toLowerCase();
}

function byOrder(a: NaptrRecord, b: NaptrRecord): number {
  return a.order - b.order || a.preference - b.preference;
}
