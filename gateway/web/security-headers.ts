/** Every answer carries these. */
const FIXED = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'microphone=(self), camera=(), geolocation=(), payment=(), usb=()',
} as const;

/** Pages of other origins load these, as scripts or as modules (CORS, without credentials): the widget, and the SDK. */
const SHARED_FILE = /^\/(?:widget\.js|assets\/widget-[\w.-]+|sdk\/[\w./-]+)(?:\?|$)/;
const FOR_OTHER_ORIGINS = {
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Access-Control-Allow-Origin': '*',
} as const;

/** What lets pages of other origins load the files of widget and SDK; nothing for other files. */
export function sharingHeaders(url: string): Record<string, string> {
  return SHARED_FILE.test(url) ? FOR_OTHER_ORIGINS : {};
}

const HOST = /^[A-Za-z0-9.-]+(:\d{1,5})?$|^\[[0-9A-Fa-f:]+\](:\d{1,5})?$/;

/**
 * Headers for a request to `host` (the Host header). Nothing but the page's own files runs, and it may
 * talk to nobody but us. The WebSocket is named because not every browser counts ws: as 'self'.
 */
export function securityHeaders(host: string | undefined): Record<string, string> {
  const sockets = host !== undefined && HOST.test(host) ? ` ws://${host} wss://${host}` : '';
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "media-src 'self' blob:",
    "worker-src 'self'",
    "manifest-src 'self'",
    `connect-src 'self'${sockets}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ];
  return { ...FIXED, 'Content-Security-Policy': policy.join('; ') };
}
