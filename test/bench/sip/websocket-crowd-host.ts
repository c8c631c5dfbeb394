import { WebSocket } from 'ws';
import { serve } from '../child-rpc.js';

/** Browsers that register and then say nothing, a process of its own. */
const AT_A_TIME = 200;
/** A server allows one address so many connections; each office here has an address of 127.0.0.0/8. */
const BROWSERS_PER_ADDRESS = 250;

interface Crowd {
  url: string;
  from: number;
  count: number;
}

const sockets: WebSocket[] = [];

function register(url: string, index: number): Promise<void> {
  const localAddress = `127.0.1.${1 + Math.floor(index / BROWSERS_PER_ADDRESS)}`;
  const socket = new WebSocket(url, 'sip', { localAddress, perMessageDeflate: false });
  sockets.push(socket);
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', (code) => {
      reject(new Error(`the server closed a WebSocket with ${code}`));
    });
    socket.on('open', () => {
      socket.send(registration(index));
    });
    socket.on('message', (data: Buffer) => {
      const [line = ''] = data.toString().split('\r\n');
      if (line.startsWith('SIP/2.0 200')) resolve();
      else if (!line.startsWith('SIP/2.0 1')) reject(new Error(line));
    });
  });
}

/** As sip.js writes it. */
function registration(index: number): string {
  const host = `browser${index}.invalid`;
  return [
    'REGISTER sip:bench.example SIP/2.0',
    `Via: SIP/2.0/WS ${host};branch=z9hG4bK${index}x1`,
    'Max-Forwards: 69',
    `To: <sip:user${index}@bench.example>`,
    `From: <sip:user${index}@bench.example>;tag=t${index}`,
    `Call-ID: register-${index}`,
    'CSeq: 1 REGISTER',
    `Contact: <sip:user${index}@${host};transport=ws>`,
    'Expires: 3600',
    'Allow: ACK,CANCEL,INVITE,MESSAGE,BYE,OPTIONS,INFO,NOTIFY,REFER',
    'Supported: outbound, path, gruu',
    'User-Agent: bench',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}

serve({
  register: async ({ url, from, count }: Crowd) => {
    let next = from;
    const work = async (): Promise<void> => {
      while (next < from + count) {
        next += 1;
        await register(url, next - 1);
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
  },
  open: () => sockets.filter(({ readyState }) => readyState === WebSocket.OPEN).length,
});
