import type { SipHeader } from '../message/sip-message.js';
import type { ProxyPlan } from '../proxy/proxy-command.js';
import { proxyTimeout } from './proxy-timeout.js';

/** What a request handler wants done. */
export type HandlerAnswer =
  | { action: 'route-uri'; uri: string }
  | { action: 'route-tag'; tag: string }
  | { action: 'answer'; status: number; reason?: string; headers?: SipHeader[] }
  | { action: 'proxy'; plan: ProxyPlan };

type Json = Readonly<Record<string, unknown>>;

/** Reads `{"action": ..., "data": {...}}`; undefined when it is none of what a handler may say. */
export function parseHandlerAnswer(text: string): HandlerAnswer | undefined {
  const answer = objectOf(parse(text));
  const data = objectOf(answer?.['data']);
  if (answer === undefined || data === undefined) return undefined;
  switch (answer['action']) {
    case 'route':
      return route(data);
    case 'reject':
      return reject(data);
    case 'redirect':
      return redirect(data);
    case 'proxy':
      return proxy(data);
    default:
      return undefined;
  }
}

function route({ uri, tag }: Json): HandlerAnswer | undefined {
  if (typeof uri === 'string') return { action: 'route-uri', uri };
  return typeof tag === 'string' ? { action: 'route-tag', tag } : undefined;
}

function reject({ status, reason }: Json): HandlerAnswer | undefined {
  if (typeof status !== 'number' || !Number.isInteger(status)) return undefined;
  if (status < 300 || status > 699) return undefined;
  return typeof reason === 'string' && isLine(reason)
    ? { action: 'answer', status, reason }
    : { action: 'answer', status };
}

function redirect({ contact }: Json): HandlerAnswer | undefined {
  const contacts = texts(contact);
  if (contacts === undefined) return undefined;
  const headers = contacts.map((one) => ({
    name: 'Contact',
    value: one.includes('<') ? one : `<${one}>`,
  }));
  return { action: 'answer', status: 302, reason: 'Moved', headers };
}

function proxy(data: Json): HandlerAnswer | undefined {
  const targets = texts(data['destination']);
  if (targets === undefined) return undefined;
  const timeout = (name: string, fallback: string): number | undefined => {
    const value = data[name];
    return proxyTimeout(typeof value === 'string' ? value : fallback);
  };
  return {
    action: 'proxy',
    plan: {
      targets: targets.map((target) => (/^[a-z]+:/i.test(target) ? target : `sip:${target}`)),
      remainInDialog: data['recordRoute'] === true,
      followRedirects: data['followRedirects'] !== false,
      simultaneous: data['simultaneous'] === true,
      provisionalTimeoutMs: timeout('provisionalTimeout', '5s'),
      finalTimeoutMs: timeout('finalTimeout', '60s'),
      headers: [],
    },
  };
}

/** One text or several, fit for a header line. */
function texts(value: unknown): string[] | undefined {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const lines = list.filter((one) => typeof one === 'string' && one !== '' && isLine(one));
  return lines.length === list.length && lines.length > 0 ? (lines as string[]) : undefined;
}

function isLine(text: string): boolean {
  return !/[\u0000-\u001f\u007f]/.test(text);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function objectOf(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Json)
    : undefined;
}
