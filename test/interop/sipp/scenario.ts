/** Builds scenarios of sipp: what one side of a call does, step by step. */

interface Extra {
  headers?: readonly string[];
  sdp?: boolean;
  /** Attributes of sipp's element, such as `retrans="500"` or `lost="100"`. */
  attributes?: string;
}

const SDP = [
  'v=0',
  'o=- 1 1 IN IP4 [local_ip]',
  's=-',
  'c=IN IP4 [local_ip]',
  't=0 0',
  'm=audio 4000 RTP/AVP 0',
];
const CONTACT = 'Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>';

export function scenario(name: string, steps: readonly string[]): string {
  const head = `<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="${name}">\n`;
  return `${head}${steps.join('\n')}\n</scenario>\n`;
}

/** Waits for a response (by its status) or a request (by its method). */
export function receive(what: number | string, attributes = ''): string {
  const kind = typeof what === 'number' ? 'response' : 'request';
  return `<recv ${kind}="${what}" ${attributes}/>`;
}

/** Waits for a request, and fails when its header does not match. */
export function receiveWith(
  method: string,
  { header, regexp }: { header: string; regexp: string },
): string {
  const pattern = regexp.replaceAll('"', '&quot;');
  const check = `<ereg regexp="${pattern}" search_in="hdr" header="${header}:" check_it="true" assign_to="9"/>`;
  return `<recv request="${method}"><action>${check}</action></recv>\n<Reference variables="9"/>`;
}

const keep = (header: string, variable: number): string =>
  `<ereg regexp=" .*" search_in="hdr" header="${header}:" assign_to="${variable}"/>`;

/** Waits for the INVITE and keeps what is needed of it later. */
export function receiveInvite(): string {
  const kept = [keep('Via', 1), keep('CSeq', 2), keep('From', 3), keep('To', 4)];
  return `<recv request="INVITE"><action>${kept.join('')}</action></recv>`;
}

/** The callee whose 200 had this tag hangs up. */
export function hangUpAs(tag: string): string[] {
  const lines = [
    'BYE sip:caller@127.0.0.1 SIP/2.0',
    'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=z9hG4bKbye[pid]x[call_number]',
    `From: <sip:callee@127.0.0.1>;tag=[pid]${tag}[call_number]`,
    'To:[$3]',
    'Call-ID: [call_id]',
    'CSeq: 1 BYE',
    'Max-Forwards: 70',
  ];
  return [send(lines, { attributes: 'retrans="500"' }), receive(200), KEPT];
}

const KEPT_HEADERS = ['Via:[$1]', 'CSeq:[$2]', 'To:[$4]'];
const KEPT = '<Reference variables="1,2,3,4"/>';

export function pause(milliseconds: number): string {
  return `<pause milliseconds="${milliseconds}"/>`;
}

/** A request of the caller. Requests with the same `branch` are copies of one, or its CANCEL. */
export function ask(
  method: string,
  how: Extra & { sequence: number; branch: string; about?: string },
): string {
  const target = 'sip:[service]@[remote_ip]:[remote_port]';
  const tag = method === 'INVITE' && how.sequence === 1 ? '' : '[peer_tag_param]';
  const lines = [
    `${method} ${target} SIP/2.0`,
    `Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=z9hG4bK${how.branch}[pid]x[call_number]`,
    'From: <sip:sipp@[local_ip]:[local_port]>;tag=[pid]caller[call_number]',
    `To: <${target}>${method === 'CANCEL' ? '' : tag}`,
    'Call-ID: [call_id]',
    `CSeq: ${how.sequence} ${method}`,
    CONTACT,
    'Max-Forwards: 70',
  ];
  return send(lines, how);
}

/** A response of the callee to the request that came last, or to the INVITE that was kept. */
export function answer(
  status: number,
  how: Extra & { tag?: string; toKept?: boolean } = {},
): string {
  const tag = how.tag === undefined ? '' : `;tag=[pid]${how.tag}[call_number]`;
  const echoed = how.toKept === true ? KEPT_HEADERS : ['[last_Via:]', '[last_CSeq:]', '[last_To:]'];
  const lines = [
    `SIP/2.0 ${status} Scripted`,
    ...echoed.map((header, index) => (index === 2 ? header + tag : header)),
    '[last_From:]',
    '[last_Call-ID:]',
    CONTACT,
  ];
  return send(lines, how);
}

function send(
  lines: readonly string[],
  { headers = [], sdp = false, attributes = '' }: Extra,
): string {
  const body = sdp ? ['Content-Type: application/sdp', 'Content-Length: [len]', '', ...SDP] : [];
  const rest = sdp ? body : ['Content-Length: 0', ''];
  const text = [...lines, ...headers, ...rest].map((line) => `  ${line}\n`).join('');
  return `<send ${attributes}>\n<![CDATA[\n${text}\n]]>\n</send>`;
}
