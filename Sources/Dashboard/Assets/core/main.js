// The frame of every view: language, navigation, the live sign; and the view that the address asks for.

import { siteSettings } from './api.js';
import { el, byId, setText } from './dom.js';
import { href, onChange, param } from './address.js';
import { listen, on, liveState } from './live.js';
import { LANGUAGES, chooseLanguage, currentLanguage, keepLanguage, t } from './strings.js';
import { onClock, zone } from './time.js';

const VIEWS = {
  '/': 'map', '/request': 'request', '/trends': 'trends', '/goals': 'goals', '/report': 'report', '/sensors': 'sensors',
  '/operations': 'operations'
};

await chooseLanguage();
const name = VIEWS[location.pathname] || 'map';
const coming = import('/assets/views/' + name + '.js');
fillFrame();
listen();
const main = byId('main');
main.replaceChildren();
try {
  const view = await coming;
  document.body.dataset.view = name;
  await view.show(main);
} catch (error) {
  // Better a sentence than an empty page; the console has the rest.
  main.append(el('p', { class: 'empty', role: 'alert', text: t('no-answer') }));
  throw error;
}

function fillFrame() {
  document.querySelectorAll('[data-t]').forEach((node) => setText(node, t(node.dataset.t)));
  document.querySelectorAll('[data-t-label]').forEach((node) => node.setAttribute('aria-label', t(node.dataset.tLabel)));
  document.title = t(name) + ' · Sluice';
  document.querySelectorAll('#views a, .brand').forEach((link) => {
    const path = link.getAttribute('href');
    if (link.parentElement.id === 'views' && path === location.pathname) link.setAttribute('aria-current', 'page');
    link.href = href(path);
  });
  if (param('embed')) embed();
  const choice = byId('language');
  choice.append(...Object.entries(LANGUAGES).map(([tag, label]) =>
    el('option', { value: tag, text: label, lang: tag, selected: tag === currentLanguage() })));
  choice.addEventListener('change', () => {
    keepLanguage(choice.value);
    const params = new URLSearchParams(location.search);
    params.set('lang', choice.value);
    location.search = params.toString();
  });
  on('state', tellState);
  tellState();
  const tellZone = () => setText(byId('zone'), t('zone', { zone: zone() }));
  tellZone();
  onClock(tellZone);
  siteSettings().then((settings) => { if (settings.is_test) setText(byId('tagline'), t('tagline-test')); });
}

/// Inside another site's page only the view itself. What it leads to opens in a window of its own: not every page may be framed.
function embed() {
  document.documentElement.classList.add('embedded');
  document.head.append(el('base', { target: '_blank' }));
  const whole = el('a', { text: t('whole-view') });
  const tell = () => {
    const params = new URLSearchParams(location.search);
    params.delete('embed');
    whole.href = location.pathname + (String(params) ? '?' + params : '');
  };
  tell();
  onChange(tell);
  byId('main').after(el('p', { class: 'whole small' }, whole));
}

function tellState() {
  byId('live').dataset.state = liveState();
  setText(byId('live-text'), t(liveState()));
}
