import { CallPanel, telLink } from './call-panel.js';
import { button, h, handset } from './dom.js';
import { chooseLanguage, messagesIn, type Messages } from './messages.js';
import { describeHours } from './opening-hours.js';
import { fetchSite, type SiteInfo } from './site-info.js';
import { widgetStyles } from './styles.js';
import type { VisitModule, VisitState } from './visit-types.js';

/** `<copperline-call site="..." destination="...">` */
export class CallElement extends HTMLElement {
  /** Where the loader came from. */
  static gateway = '';
  /** Loads the bundle with the phone. */
  static loadPhone: () => Promise<VisitModule> = () => Promise.reject(new Error('not set'));
  /** For sites whose challenge is of a service: brings its answer. */
  challengeResponse: (() => Promise<string>) | undefined;
  readonly #root = this.attachShadow({ mode: 'open' });
  #site: SiteInfo | undefined;
  #messages = messagesIn('en');
  #language = 'en';
  #launch: HTMLButtonElement | undefined;
  #panel = h('div', { class: 'panel', part: 'panel', role: 'dialog', 'data-testid': 'panel' });
  #call: CallPanel | undefined;

  connectedCallback(): void {
    this.#root.adoptedStyleSheets = [widgetStyles()];
    if (this.#site === undefined) void this.#start();
    globalThis.addEventListener('pagehide', this.#leave);
  }

  disconnectedCallback(): void {
    globalThis.removeEventListener('pagehide', this.#leave);
    this.#leave();
  }

  readonly #leave = (): void => {
    this.#call?.visit?.hangUp();
  };

  async #start(): Promise<void> {
    this.hidden = true;
    const site = await fetchSite(CallElement.gateway, this.getAttribute('site') ?? '');
    // A site that is none, or not for this page, is a matter of the operator: visitors see nothing.
    if (site === undefined) {
      this.dataset['error'] = 'no-site';
      return;
    }
    this.#site = site;
    const own = this.getAttribute('lang') ?? document.documentElement.lang;
    const wanted = site.language === 'auto' ? [own, ...navigator.languages] : [site.language];
    this.#language = chooseLanguage(wanted.filter((tag) => tag !== ''));
    this.#messages = messagesIn(this.#language);
    this.#root.replaceChildren(...this.#closedFace(site, this.#messages));
    this.hidden = false;
  }

  /** The button, or what stands in its place. */
  #closedFace(site: SiteInfo, messages: Messages): HTMLElement[] {
    const { publicNumber } = site;
    if (site.open && !canCall() && publicNumber !== undefined)
      return [telLink(publicNumber, messages)];
    const launch = button('launch', 'button', () => {
      this.#toggle();
    });
    launch.append(handset(), site.texts.button ?? messages.call);
    launch.setAttribute('aria-haspopup', 'dialog');
    launch.setAttribute('aria-expanded', 'false');
    launch.classList.toggle('closed', !site.open);
    this.#launch = launch;
    this.#panel.hidden = true;
    this.#panel.lang = this.#language;
    this.#panel.setAttribute('aria-label', site.texts.title ?? messages.call);
    this.#panel.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') this.#close();
    });
    return [launch, this.#panel];
  }

  #toggle(): void {
    if (!this.#panel.hidden) {
      this.#close();
      return;
    }
    this.#panel.hidden = false;
    this.#launch?.setAttribute('aria-expanded', 'true');
    if (this.#call?.isOver === false) return;
    const site = this.#site;
    if (site === undefined) return;
    const named = this.getAttribute('destination');
    if (!site.open) this.#fill(...this.#hours(site));
    else if (!canCall())
      this.#fill(h('p', { class: 'status' }, this.#messages.failures.unsupported));
    else if (named === null && site.destinations.length > 1) this.#fill(...this.#choice(site));
    else this.#begin(site, named ?? site.defaultDestination);
  }

  /** A call goes on behind the closed panel. */
  #close(): void {
    this.#panel.hidden = true;
    this.#launch?.setAttribute('aria-expanded', 'false');
    this.#launch?.focus();
  }

  #fill(...content: HTMLElement[]): void {
    const { title = this.#messages.call } = this.#site?.texts ?? {};
    const close = button('x', 'close', () => {
      this.#close();
    });
    close.textContent = '×';
    close.setAttribute('aria-label', this.#messages.close);
    const head = h(
      'div',
      { class: 'head' },
      h('div', { class: 'title', part: 'title' }, title),
      close,
    );
    this.#panel.replaceChildren(head, ...content);
    close.focus();
  }

  #hours({ texts, hours }: SiteInfo): HTMLElement[] {
    const { closed, hours: heading, daily } = this.#messages;
    const lines = describeHours(hours, { language: this.#language, daily });
    const items = lines.map((line) => h('li', {}, line));
    return [
      h('p', { class: 'status', 'data-testid': 'closed' }, texts.closed ?? closed),
      h('div', { 'data-testid': 'hours' }, heading, h('ul', {}, ...items)),
    ];
  }

  #choice(site: SiteInfo): HTMLElement[] {
    const buttons = site.destinations.map(({ name, label }) => {
      const element = button('plain', `destination-${name}`, () => {
        this.#begin(site, name);
      });
      element.textContent = label ?? name;
      return element;
    });
    return [
      h('p', { class: 'status' }, this.#messages.choose),
      h('div', { class: 'row' }, ...buttons),
    ];
  }

  #begin(site: SiteInfo, destination: string): void {
    const panel = new CallPanel({
      ...{ messages: this.#messages, site: site.site, destination },
      publicNumber: site.publicNumber,
      onAgain: () => {
        this.#begin(site, destination);
      },
    });
    this.#call = panel;
    this.#fill(panel.element);
    const show = (state: VisitState): void => {
      if (panel !== this.#call) return;
      panel.show(state);
      this.dispatchEvent(new CustomEvent('copperline-state', { detail: state }));
    };
    const { gateway } = CallElement;
    CallElement.loadPhone().then(
      ({ startVisit }) => {
        panel.visit = startVisit({
          ...{ gateway, site: site.site, destination, challenge: site.challenge },
          challengeResponse: this.challengeResponse,
          onState: show,
        });
      },
      () => {
        show({ name: 'ended', failure: 'unreachable' });
      },
    );
  }
}

function canCall(): boolean {
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  return globalThis.isSecureContext && 'RTCPeerConnection' in globalThis && devices !== undefined;
}
