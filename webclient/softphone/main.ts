import { FALLBACK_CONFIG, loadClientConfig, type ClientConfig } from './client-config.js';
import './components/softphone-app.js';
import { exposeDiagnostics } from './diagnostics.js';
import { listenToKeyboard } from './keyboard.js';
import { onLeaving } from './leaving.js';
import { SoftphoneModel } from './softphone-model.js';
import type { SoftphoneApp } from './components/softphone-app.js';

const codecs = new URLSearchParams(location.search).get('codecs')?.split(',') ?? [];
const model = new SoftphoneModel({ codecs: codecs.filter((codec) => codec !== '') });

exposeDiagnostics(model);
listenToKeyboard(model);
onLeaving({
  reload: () => model.phone?.suspend(),
  leave: () => model.phone?.disconnect(),
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

function begin(config: ClientConfig, notice: string): void {
  const server = serverAddress(config);
  const domain = config.domain === '' ? location.hostname : config.domain;
  model.update((changed) => {
    changed.loading = false;
    changed.notice = notice;
    changed.iceServers = config.iceServers;
    changed.numbers = config.demo?.numbers ?? [];
    changed.account = { server, domain, user: '', password: '' };
  });
  if (config.demo === undefined) return;
  model.signIn({ server, domain, user: config.demo.user, password: config.demo.password });
}

await model.useLanguage();
try {
  begin(await loadClientConfig(), '');
} catch {
  begin(FALLBACK_CONFIG, model.messages.configFailed);
}
