import { takeKeptAccount } from './account-vault.js';
import { FALLBACK_CONFIG, loadClientConfig, type ClientConfig } from './client-config.js';
import './components/softphone-app.js';
import { exposeDiagnostics } from './diagnostics.js';
import type { GatewayOffer } from './gateway-offer.js';
import { listenToKeyboard } from './keyboard.js';
import { SoftphoneModel } from './softphone-model.js';
import type { SoftphoneApp } from './components/softphone-app.js';

const query = new URLSearchParams(location.search);
const codecs = query.get('codecs')?.split(',') ?? [];
const model = new SoftphoneModel({
  codecs: codecs.filter((codec) => codec !== ''),
  iceTransportPolicy: query.get('ice') === 'relay' ? 'relay' : 'all',
});

exposeDiagnostics(model);
listenToKeyboard(model);
// Not `beforeunload`: that one also fires when the person then stays.
globalThis.addEventListener('pagehide', () => {
  model.leavePage();
});
globalThis.addEventListener('pageshow', (event) => {
  if (event.persisted) model.phone?.connect();
});

const app = document.querySelector<SoftphoneApp>('copperline-softphone');
if (app !== null) app.model = model;

/** The page's own host, where the gateway serves both the page and SIP. */
function serverAddress(config: ClientConfig): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${config.sipPath}`;
}

function offerOf({ iceServers, turn, testNumber }: ClientConfig): GatewayOffer {
  const turnUrl = turn === true ? new URL('./api/turn', location.href).href : undefined;
  return { iceServers, turnUrl, testNumber };
}

async function begin(config: ClientConfig, notice: string): Promise<void> {
  const server = serverAddress(config);
  const domain = config.domain === '' ? location.hostname : config.domain;
  // Left there by this page a moment ago, in the middle of a call.
  const kept = await takeKeptAccount(Date.now());
  model.update((changed) => {
    changed.loading = false;
    changed.notice = notice;
    changed.gateway = offerOf(config);
    changed.numbers = config.demo?.numbers ?? [];
    changed.account = { server, domain, user: '', password: '' };
  });
  if (kept !== undefined) model.signIn(kept);
  else if (config.demo !== undefined) {
    const { user, password } = config.demo;
    model.signIn({ server, domain, user, password });
  }
}

await model.useLanguage();
const config = await loadClientConfig().catch(() => undefined);
await begin(config ?? FALLBACK_CONFIG, config === undefined ? model.messages.configFailed : '');
