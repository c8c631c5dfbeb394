import type { SeededRandom } from './seeded-random.js';

export type Mutation = (bytes: Buffer, random: SeededRandom) => Buffer;

/** What has broken parsers before: numbers at limits, half tokens, separators, other encodings, whole headers. */
const FRAGMENTS: readonly (string | Buffer)[] = [
  ...'0 -1 255 256 65535 65536 2147483647 2147483648 4294967296 99999999999999999999'.split(' '),
  ...': ; , " \\ < > = ? @ % %00 %ff %zz [ ] [:: [::1] ( ) / * .. ;; ,, "" <> \\"'.split(' '),
  ...'SIP/2.0 SIP/3.0 sip: sips: tel: sip:@ z9hG4bK tag= branch= ;lr ;rport ;ttl=1'.split(' '),
  ...'INVITE ACK BYE CANCEL OPTIONS REGISTER PRACK UPDATE NOTIFY invite __proto__'.split(' '),
  ' ',
  '\t',
  '\r',
  '\n',
  '\r\n',
  '\r\n ',
  '\r\n\r\n',
  '\u2028',
  '\ufeff',
  '\u0000',
  Buffer.from([0xff, 0xfe]),
  Buffer.from([0xc3]),
  '\r\nContent-Length: 5',
  '\r\nl: 70000',
  '\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx',
  '\r\nv: SIP/2.0/UDP [::1]:1;received=::1',
  '\r\nRoute: <sip:127.0.0.1;lr>',
  '\r\nContact: *',
  '\r\nExpires: 0',
  '\r\nRequire: 100rel',
  '\r\nSupported: 100rel',
  '\r\nTo: <sip:a@b>;tag=x',
  '\r\nMax-Forwards: 0',
];

const join = (...parts: readonly (Buffer | string)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));

/** Where a piece begins and ends; short pieces are the rule. */
function range(bytes: Buffer, random: SeededRandom): [from: number, to: number] {
  const from = random.below(bytes.length);
  const longest = random.below(4) === 0 ? bytes.length : 12;
  return [from, Math.min(bytes.length, from + 1 + random.below(longest))];
}

const flip: Mutation = (bytes, random) => {
  const copy = Buffer.from(bytes);
  if (copy.length > 0) copy[random.below(copy.length)] = random.below(256);
  return copy;
};

const cutOut: Mutation = (bytes, random) => {
  const [from, to] = range(bytes, random);
  return join(bytes.subarray(0, from), bytes.subarray(to));
};

const doubled: Mutation = (bytes, random) => {
  const [from, to] = range(bytes, random);
  return join(bytes.subarray(0, to), bytes.subarray(from, to), bytes.subarray(to));
};

const truncate: Mutation = (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1));

const insert: Mutation = (bytes, random) => {
  const at = random.below(bytes.length + 1);
  return join(bytes.subarray(0, at), random.pick(FRAGMENTS), bytes.subarray(at));
};

const replace: Mutation = (bytes, random) => {
  const [from, to] = range(bytes, random);
  return join(bytes.subarray(0, from), random.pick(FRAGMENTS), bytes.subarray(to));
};

/** Long values, and with them whatever takes the square of a length. */
const inflate: Mutation = (bytes, random) => {
  const at = random.below(bytes.length + 1);
  const piece = join(random.pick(FRAGMENTS), random.below(2) === 0 ? '' : random.pick(FRAGMENTS));
  const most = random.below(20) === 0 ? 60_000 : 2_000;
  const times = 1 + random.below(Math.floor(most / piece.length));
  const repeated = Buffer.alloc(piece.length * times, piece);
  return join(bytes.subarray(0, at), repeated, bytes.subarray(at));
};

/** A number of the message becomes another one. */
const renumber: Mutation = (bytes, random) => {
  const text = bytes.toString('latin1');
  const numbers = [...text.matchAll(/\d+/g)];
  if (numbers.length === 0) return bytes;
  const found = random.pick(numbers);
  const value = String(random.pick([0, 1, 69, 70, 255, 2 ** 31, 2 ** 32, random.next()]));
  const end = found.index + found[0].length;
  return Buffer.from(text.slice(0, found.index) + value + text.slice(end), 'latin1');
};

function onLines(change: (lines: string[], random: SeededRandom) => void): Mutation {
  return (bytes, random) => {
    const lines = bytes.toString('latin1').split('\r\n');
    change(lines, random);
    return Buffer.from(lines.join('\r\n'), 'latin1');
  };
}

const dropLine = onLines((lines, random) => {
  lines.splice(random.below(lines.length), 1);
});

const repeatLine = onLines((lines, random) => {
  const at = random.below(lines.length);
  const times = random.below(10) === 0 ? 300 : 1;
  lines.splice(at, 0, ...Array.from({ length: times }, () => lines[at] ?? ''));
});

const swapLines = onLines((lines, random) => {
  const [one, other] = [random.below(lines.length), random.below(lines.length)];
  const held = lines[one] ?? '';
  lines[one] = lines[other] ?? '';
  lines[other] = held;
});

const foldLine = onLines((lines, random) => {
  const at = random.below(lines.length);
  lines[at] = (lines[at] ?? '').replace(/[ ;,]/, (separator) => `${separator}\r\n\t`);
});

const lineFeeds: Mutation = (bytes) =>
  Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');

export const MUTATIONS: readonly Mutation[] = [
  flip,
  cutOut,
  doubled,
  truncate,
  insert,
  insert,
  replace,
  replace,
  inflate,
  renumber,
  dropLine,
  repeatLine,
  swapLines,
  foldLine,
  lineFeeds,
];
