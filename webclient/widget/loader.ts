import { CallElement } from './call-element.js';
import type { VisitModule } from './visit-types.js';

/** Of the bundle with the phone, relative to the loader; the build puts it here. */
declare const COPPERLINE_PHONE: string;

const TAG = 'copperline-call';

/** `<script src="https://gw.example/widget.js" data-site="KEY" async></script>`: the element, and with data-site the button on the page. */
function start(script: HTMLScriptElement): void {
  const gateway = new URL('./', script.src).href;
  CallElement.gateway = gateway;
  CallElement.loadPhone = () =>
    import(/* @vite-ignore */ new URL(COPPERLINE_PHONE, gateway).href) as Promise<VisitModule>;
  if (customElements.get(TAG) === undefined) customElements.define(TAG, CallElement);
  const { site, destination } = script.dataset;
  if (site === undefined) return;
  const place = (): void => {
    const element = document.createElement(TAG);
    element.setAttribute('site', site);
    if (destination !== undefined) element.setAttribute('destination', destination);
    element.setAttribute('floating', '');
    document.body.append(element);
  };
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', place);
  else place();
}

if (document.currentScript instanceof HTMLScriptElement) start(document.currentScript);
