import { describe, expect, it } from 'vitest';
import { BrowserRoutes, type PacketOwner } from './browser-routes.js';

const AT = { address: '192.0.2.1', port: 4000 };

function owner(takes: (packet: Buffer) => boolean, log: string[], name: string): PacketOwner {
  return {
    credentials: { ufrag: name, pwd: '' },
    onCheck: () => true,
    onDtls: (datagram) => {
      const taken = takes(datagram);
      if (taken) log.push(`${name} dtls`);
      return taken;
    },
    onMedia: (packet) => {
      const taken = takes(packet);
      if (taken) log.push(`${name} media`);
      return taken;
    },
    onUnwanted: () => void log.push(`${name} unwanted`),
  };
}

const pathAt = (port: number, address = AT.address) => ({
  ...{ address, port, theirs: '', checkedAt: 0 },
});

describe('BrowserRoutes', () => {
  it('tell browsers of one port apart by their addresses', () => {
    const routes = new BrowserRoutes();
    const log: string[] = [];
    routes.add(
      pathAt(4000),
      owner(() => true, log, 'one'),
    );
    routes.add(
      pathAt(4000, '192.0.2.2'),
      owner(() => true, log, 'other'),
    );
    expect(routes.media(Buffer.of(128), AT)).toBe(true);
    expect(routes.dtls(Buffer.of(22), { address: '192.0.2.2', port: 4000 })).toBe(true);
    expect(routes.media(Buffer.of(128), { address: '192.0.2.3', port: 4000 })).toBe(false);
    expect(routes.dtls(Buffer.of(22), { address: AT.address, port: 4001 })).toBe(false);
    expect(log).toEqual(['one media', 'other dtls']);
  });

  it('ask the owners of one address for a packet, the last that came first', () => {
    const routes = new BrowserRoutes();
    const log: string[] = [];
    const [first, second] = [pathAt(4000), pathAt(4000)];
    routes.add(
      first,
      owner((packet) => packet[1] === 1, log, 'first'),
    );
    routes.add(
      second,
      owner((packet) => packet[1] === 2, log, 'second'),
    );
    for (const byte of [2, 1, 3]) expect(routes.media(Buffer.of(128, byte), AT)).toBe(true);
    expect(log.splice(0)).toEqual(['second media', 'first media', 'second unwanted']);
    for (const byte of [2, 1, 3]) expect(routes.dtls(Buffer.of(22, byte), AT)).toBe(true);
    routes.remove(second);
    expect(routes.dtls(Buffer.of(22, 2), AT)).toBe(true);
    expect(log).toEqual(['second dtls', 'first dtls']);
  });

  it('are empty when all paths are gone, and leave what is not theirs', () => {
    const routes = new BrowserRoutes();
    const path = pathAt(4000);
    routes.add(
      path,
      owner(() => true, [], 'one'),
    );
    routes.remove(pathAt(4000));
    routes.remove(pathAt(4001));
    expect(routes.size).toBe(1);
    routes.remove(path);
    routes.remove(path);
    expect(routes.size).toBe(0);
  });
});
