// The first page: what is open, as a list and on a map, live.

import { allServices, getIfAny, siteSettings } from '/assets/core/api.js';
import { announce, el, icon, library, setText } from '/assets/core/dom.js';
import { param, setParams } from '/assets/core/address.js';
import { filters, timeFrames } from '/assets/core/filters.js';
import { liveState } from '/assets/core/live.js';
import { placeOf, severityName, statusName } from '/assets/core/names.js';
import { Requests, byUrgency } from '/assets/core/requests.js';
import { number, t } from '/assets/core/strings.js';
import { hour, now, onClock, when } from '/assets/core/time.js';
import { RequestList } from './map-list.js';

const DAY = 86_400_000;

export async function show(main) {
  const tiles = el('ul', { class: 'tiles' }, Array.from({ length: 4 }, () => el('li', { class: 'tile placeholder' })));
  const heading = el('h1');
  const summary = el('p', { role: 'status' });
  const asOf = el('p', { class: 'end small' });
  const list = new RequestList();
  const panel = el('section', { class: 'map-panel', 'aria-label': t('map-title') }, el('div', { class: 'map', id: 'map', dir: 'ltr' }));
  const bar = filters([
    { name: 'status', label: t('filter-status'), usual: 'open', options: [['open', statusName('open')], ['closed', statusName('closed')], ['any', t('any')]] },
    { name: 'days', label: t('filter-time'), usual: '90', options: timeFrames([1, 7, 30, 90]) },
    { name: 'severity', label: t('filter-severity'), usual: '', options: [['', t('any')], ...[2, 3, 4].map((n) => [String(n), t('severity-from-' + n)])] },
    { name: 'ward', label: t('filter-ward'), usual: '', options: [['', t('all-wards')]] }
  ], () => choose());
  const columns = el('div', { class: 'columns with-map' },
    el('section', { class: 'stack', 'aria-labelledby': 'list-title' }, el('div', { class: 'head' }, heading, summary, asOf), list.box), panel);
  heading.id = 'list-title';
  main.append(el('section', { 'aria-label': t('by-service') }, tiles), bar.box, columns);

  let layer = null;
  let services = [];
  let asked = null;
  const requests = new Requests((fresh) => draw(fresh));

  // Service, ward and severity are chosen among what is here; status and time are asked of the server.
  function keeps(row) {
    const { severity, ward } = bar.chosen();
    return row.severity >= Number(severity || 0) && (!ward || row.ward === ward);
  }
  function ofService(row) { return !param('service') || row.service_code === param('service'); }

  function choose() {
    const { status, days } = bar.chosen();
    const query = new URLSearchParams();
    if (status !== 'any') query.set('status', status);
    if (days !== '90') query.set('start_date', new Date(now() - Number(days) * DAY).toISOString());
    const key = status + ' ' + days;
    if (key === asked && requests.isLoaded) return draw([]);
    asked = key;
    requests.load(query.toString(), (row) => (status === 'any' || row.status === status) && row.requested >= now() - Number(days) * DAY)
      .catch(() => { if (!requests.isLoaded) setText(summary, t('no-answer')); asked = null; setTimeout(choose, 5000); });
  }

  function draw(fresh) {
    const among = requests.all.filter(keeps);
    const shown = among.filter(ofService).sort(byUrgency);
    drawTiles(among);
    const { status } = bar.chosen();
    setText(heading, t('map-heading-' + status));
    setText(summary, requests.total > requests.rows.size
      ? t('newest-of', { n: shown.length, total: requests.total }) : t('urgent-first', { n: shown.length }));
    list.draw(shown, fresh, status === 'open' && !param('severity') && !param('ward') && !param('service'));
    if (layer) layer.update(shown, among);
    tellTime();
    const news = fresh.filter((row) => keeps(row) && ofService(row));
    if (news.length === 1) announce(t('new-request', { title: news[0].title, where: placeOf(news[0].address, news[0].ward) }));
    else if (news.length > 1) announce(t('new-requests', { n: news.length }));
  }

  function drawTiles(among) {
    if (services.length === 0) return;
    if (tiles.querySelectorAll('button').length !== services.length) {
      tiles.replaceChildren(...services.map((service) => {
        const button = el('button', { type: 'button', class: 'tile', data: { service: service.service_code }, on: { click: () => {
          setParams({ service: param('service') === service.service_code ? '' : service.service_code });
          draw([]);
        } } },
        el('span', { class: 'badge' }, icon(service.service_code)),
        el('span', {}, el('b'), el('span', { class: 'name', text: service.service_name })));
        return el('li', {}, button);
      }));
    }
    const counts = new Map();
    for (const row of among) counts.set(row.service_code, (counts.get(row.service_code) || 0) + 1);
    services.forEach((service, place) => {
      const button = tiles.children[place].firstElementChild;
      setText(button.querySelector('b'), requests.isLoaded ? number(counts.get(service.service_code) || 0) : '–');
      button.setAttribute('aria-pressed', String(param('service') === service.service_code));
    });
  }

  // Stands still while nothing is heard: then the list is as old as it says.
  function tellTime() {
    if (requests.isLoaded && liveState() === 'live') setText(asOf, t('as-of', { when: when(now()) }));
  }
  onClock(tellTime);

  setText(heading, t('map-heading-' + bar.chosen().status));
  setText(summary, t('loading'));
  choose();
  allServices().then((found) => { services = found; list.services = found; draw([]); });
  drawMap();

  async function drawMap() {
    const [hasMap, settings, wards] = await Promise.all([
      library('/assets/vendor/leaflet.min.js').then((has) => has && library('/assets/vendor/leaflet.markercluster.min.js').then(() => true)),
      siteSettings(), getIfAny('/assets/wards.geojson').catch(() => null)]);
    if (!hasMap) {
      panel.replaceChildren(el('p', { class: 'empty', text: t('no-map') }));
      return;
    }
    const { RequestMap } = await import('./map-layer.js');
    layer = new RequestMap(panel, settings, wards);
    layer.choose = (ward) => bar.set('ward', ward);
    bar.fill('ward', [['', t('all-wards')], ...layer.names.map((name) => [name, name])]);
    draw([]);
    layer.addContext();
  }
}
