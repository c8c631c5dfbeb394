import { createSocket } from 'node:dgram';

/** Below the ports that the kernel hands out by itself, so that nobody takes one between probe and use. */
const FIRST_PORT = 20_000;
const LAST_PORT = 29_999;

/** Hands out UDP ports of 127.0.0.1 that are free, each once. */
export class FreePorts {
  #next = FIRST_PORT;

  /** @throws Error when there is none left */
  async take(): Promise<number> {
    while (this.#next <= LAST_PORT) {
      const port = this.#next;
      this.#next += 1;
      if (await isFree(port)) return port;
    }
    throw new Error('no free UDP port is left');
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => {
      resolve(false);
    });
    socket.bind(port, '127.0.0.1', () => {
      socket.close(() => {
        resolve(true);
      });
    });
  });
}
