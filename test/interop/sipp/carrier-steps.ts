/** Steps of sipp as a carrier that is called, for scenarios of `scenario()`: everything is in the dialog of the INVITE that it got. */

/** What the carrier says of its media. */
export interface CarrierMedia {
  port: number;
  /** Payload types. Default `8`. */
  formats?: string;
  /** Attributes, without their `a=`. */
  attributes?: readonly string[];
  host?: string;
  /** Of the o= line. */
  version?: number;
}

interface Message {
  /** Tells its early dialogs apart. */
  tag?: string;
  media?: CarrierMedia;
  headers?: readonly string[];
  /** Attributes of sipp's element, such as `retrans="500"`. */
  element?: string;
}

/** What a message that is waited for has to hold, as regular expressions. */
interface Wanted {
  body?: string;
  /** A header's value. */
  header?: { name: string; value: string };
  /** Keeps its Via and CSeq under this name, to answer it later. */
  keep?: string;
  element?: string;
}

const CONTACT = 'Contact: <sip:carrier@[local_ip]:[local_port]>';

export function scenarioOf(name: string, steps: readonly string[]): string {
  const all = steps.join('\n');
  const names = new Set([...all.matchAll(/assign_to="(\w+)"/g)].map(([, kept]) => kept));
  const reference = `<Reference variables="${[...names].join(',')}"/>`;
  return `<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="${name}">\n${all}\n${reference}\n</scenario>\n`;
}

/** The INVITE of the gateway; the test learns its Call-ID from sipp's log. */
export function called(wanted: Wanted = {}): string {
  const kept = ['From', 'To'].map((name) => keeping(name, name.toLowerCase())).join('');
  const target = `<ereg regexp="sip:[^&gt;]*" search_in="hdr" header="Contact:" assign_to="target"/>`;
  const told = '<log message="call [call_id]"/>';
  return gets('INVITE', { ...wanted, keep: 'invite' }, kept + target + told);
}

/** Waits for a response (by its status) or a request (by its method). */
export function gets(what: number | string, wanted: Wanted = {}, actions = ''): string {
  const kind = typeof what === 'number' ? 'response' : 'request';
  const { body, header, keep, element = '' } = wanted;
  const checks = [
    actions,
    keep === undefined ? '' : keeping('Via', `${keep}Via`) + keeping('CSeq', `${keep}CSeq`),
    body === undefined ? '' : checking('search_in="body"', body),
    header === undefined ? '' : checking(`search_in="hdr" header="${header.name}:"`, header.value),
  ];
  return `<recv ${kind}="${what}" ${element}><action>${checks.join('')}</action></recv>`;
}

/** The test learns that sipp has come here. */
export function tellsTest(): string {
  return '<nop><action><log message="here"/></action></nop>';
}

/** Waits until the test says so. */
export function waitsForTest(): string {
  return `${tellsTest()}\n<recv request="MESSAGE"/>`;
}

/** Answers the request that came last, or the one that was kept under this name. */
export function responds(status: number, how: Message & { to?: string } = {}): string {
  const { to, tag } = how;
  const echoed =
    to === undefined
      ? ['[last_Via:]', '[last_CSeq:]', '[last_From:]', '[last_To:]']
      : [`Via:[$${to}Via]`, `CSeq:[$${to}CSeq]`, 'From:[$from]', 'To:[$to]'];
  const [via = '', cseq = '', from = '', named = ''] = echoed;
  const tagged = tag === undefined ? named : `${named};tag=[pid]${tag}[call_number]`;
  return sends([`SIP/2.0 ${status} Scripted`, via, cseq, from, tagged], how);
}

/** A request of the carrier. An ACK to a refusal has the branch of its INVITE. */
export function asks(method: string, how: Message & { sequence: number; branch?: string }): string {
  const { sequence, tag = 'carrier', branch = `${method}${sequence}` } = how;
  const lines = [
    `${method} [$target] SIP/2.0`,
    `Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=z9hG4bK${branch}[pid]x[call_number]`,
    `CSeq: ${sequence} ${method}`,
    `From:[$to];tag=[pid]${tag}[call_number]`,
    'To:[$from]',
    'Max-Forwards: 70',
  ];
  const element = method === 'ACK' ? '' : 'retrans="500"';
  return sends(lines, { element, ...how });
}

/** The gateway's call is answered. */
export function answers(media: CarrierMedia, how: Message = {}): string[] {
  const element = 'retrans="500"';
  return [responds(200, { to: 'invite', tag: 'carrier', media, element, ...how }), gets('ACK')];
}

/** A new offer, agreed to by an answer that holds what is wanted. */
export function changes(
  method: 'INVITE' | 'UPDATE',
  how: Message & { sequence: number },
  wanted: Wanted = {},
): string[] {
  const { sequence } = how;
  const acknowledged = method === 'INVITE' ? [asks('ACK', { sequence })] : [];
  return [asks(method, how), gets(100, OPTIONAL), gets(200, wanted), ...acknowledged];
}

export const OPTIONAL = { element: 'optional="true"' };

/** Somebody on the other side hangs up. */
export const HUNG_UP_ON = [gets('BYE'), responds(200)];

/** The carrier hangs up. */
export function hangsUp(sequence: number, tag = 'carrier'): string[] {
  return [asks('BYE', { sequence, tag }), gets(200)];
}

function keeping(header: string, name: string): string {
  return `<ereg regexp=" .*" search_in="hdr" header="${header}:" assign_to="${name}"/>`;
}

let checked = 0;

function checking(where: string, regexp: string): string {
  checked += 1;
  const pattern = regexp.replaceAll('"', '&quot;');
  return `<ereg regexp="${pattern}" ${where} check_it="true" assign_to="check${checked}"/>`;
}

function sends(lines: readonly string[], { media, headers = [], element = '' }: Message): string {
  const body =
    media === undefined
      ? ['Content-Length: 0', '']
      : ['Content-Type: application/sdp', 'Content-Length: [len]', '', ...sdpLines(media)];
  const all = [...lines, '[last_Call-ID:]', CONTACT, ...headers, ...body];
  const text = all.map((line) => `  ${line}\n`).join('');
  return `<send ${element}>\n<![CDATA[\n${text}\n]]>\n</send>`;
}

function sdpLines(media: CarrierMedia): string[] {
  const { port, formats = '8', attributes = [], host = '127.0.0.1', version = 1 } = media;
  return [
    'v=0',
    `o=carrier 1 ${version} IN IP4 127.0.0.1`,
    's=-',
    `c=IN IP4 ${host}`,
    't=0 0',
    `m=audio ${port} RTP/AVP ${formats}`,
    ...attributes.map((attribute) => `a=${attribute}`),
  ];
}
