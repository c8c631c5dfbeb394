import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { serve } from '../child-rpc.js';
import { EPOCH_AT, PACKET_BYTES } from './bench-packet.js';

/**
 * The carrier of the benchmark, a process of its own: sends every RTP packet back to where it came from,
 * under an SSRC of its own. All calls share one port; what is measured is the engine between.
 */
const CARRIER_SSRC_BIT = 0x40;
const RTCP_FIRST_TYPE = 192;
const RTCP_LAST_TYPE = 223;

let packets = 0;
let epoch = 0;

async function bindPair(): Promise<[Socket, Socket, number]> {
  for (;;) {
    const rtp = createSocket({ type: 'udp4', recvBufferSize: 4 << 20, sendBufferSize: 4 << 20 });
    rtp.bind(0, '127.0.0.1');
    await once(rtp, 'listening');
    const { port } = rtp.address();
    const rtcp = createSocket('udp4');
    const bound = new Promise<boolean>((resolve) => {
      rtcp.once('listening', () => {
        resolve(true);
      });
      rtcp.once('error', () => {
        resolve(false);
      });
    });
    rtcp.bind(port + 1, '127.0.0.1');
    if (port % 2 === 0 && (await bound)) return [rtp, rtcp, port];
    rtp.close();
    if (await bound) rtcp.close();
  }
}

const [socket, , port] = await bindPair();
socket.on('message', (packet, source) => {
  const second = packet[1] ?? 0;
  if (second >= RTCP_FIRST_TYPE && second <= RTCP_LAST_TYPE) return;
  if (packet.length === PACKET_BYTES && packet[EPOCH_AT] === epoch) packets += 1;
  packet[8] = (packet[8] ?? 0) ^ CARRIER_SSRC_BIT;
  socket.send(packet, source.port, source.address);
});

serve({
  port: () => port,
  reset: (next: number) => {
    epoch = next;
    packets = 0;
  },
  packets: () => packets,
});
