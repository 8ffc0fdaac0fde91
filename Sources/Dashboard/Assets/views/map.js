// The first page: what is open, as a list and on a map, live.

import { allServices, getIfAny, siteSettings } from '/assets/core/api.js';
import { announce, el, icon, library, setText } from '/assets/core/dom.js';
import { param, setParams } from '/assets/core/address.js';
import { filters, timeFrames } from '/assets/core/filters.js';
import { liveState, on } from '/assets/core/live.js';
import { measureName, placeOf, serviceName, statusName } from '/assets/core/names.js';
import { Requests, byUrgency } from '/assets/core/requests.js';
import { titled } from '/assets/core/sentences.js';
import { number, t } from '/assets/core/strings.js';
import { now, onClock, when } from '/assets/core/time.js';
import { RequestList } from './map-list.js';

const DAY = 86_400_000;

export async function show(main) {
  // Empty tiles of the final size until the first answer is there, so that nothing shifts when it comes.
  const tiles = el('ul', { class: 'tiles' }, Array.from({ length: 4 }, () => el('li', { class: 'tile placeholder' })));
  const heading = el('h1');
  const summary = el('p', { role: 'status' });
  const asOf = el('p', { class: 'end small' });
  const list = new RequestList();
  const panel = el('section', { class: 'map-panel', 'aria-label': t('map-title') }, el('div', { class: 'map', id: 'map', dir: 'ltr' }));
  const bar = filters([
    { name: 'status', label: t('filter-status'), usual: 'open', options: [['open', statusName('open')], ['closed', statusName('closed')], ['any', t('any')]] },
    { name: 'days', label: t('filter-time'), usual: '', options: [['', t('any-time')], ...timeFrames([1, 7, 28, 90, 365])] },
    { name: 'severity', label: t('filter-severity'), usual: '', options: [['', t('any')], ...[2, 3, 4].map((n) => [String(n), t('severity-from-' + n)])] },
    { name: 'ward', label: t('filter-ward'), usual: '', options: [['', t('all-wards')]] }
  ], () => choose(), ['service', 'q']);
  // Who lives somewhere looks for the street first. Among what is here: nothing is asked for with each letter.
  const search = el('input', { type: 'search', id: 'map-search', value: param('q'), on: { input: () => { setParams({ q: search.value.trim() }); bar.look(); draw([]); } } });
  bar.box.prepend(el('label', { class: 'field row-on-phone', for: 'map-search' }, el('span', { text: t('map-search') }), search));
  const columns = el('div', { class: 'columns with-map' },
    el('section', { class: 'stack', 'aria-labelledby': 'list-title' }, el('div', { class: 'head' }, heading, summary, asOf), list.box), panel);
  heading.id = 'list-title';
  const figure = param('measure');
  // A figure of the goals led here: what it is made of.
  const madeOf = !figure ? null : el('p', { class: 'made-of' }, el('span', { text: t('made-of', { figure: figureName(figure) }) }), ' ',
    el('button', { type: 'button', class: 'plain', text: t('made-of-all'), on: { click: () => { setParams({ measure: '' }); madeOf.remove(); choose(); } } }));
  main.append(el('section', { 'aria-label': t('by-service') }, tiles), bar.box, ...(madeOf ? [madeOf] : []), columns);

  let layer = null;
  let services = [];
  let among = '';
  let isCut = false;
  let asked = '';
  let framed = param('days');
  const requests = new Requests((fresh) => draw(fresh));

  function ofService(row) { return !param('service') || row.service_code === param('service'); }
  function hasWords(row) {
    const text = [row.id, row.title, titled(row.title), row.address, row.ward, row.text].join(' ').toLowerCase();
    return param('q').toLowerCase().split(/\s+/).every((word) => text.includes(word));
  }

  // The service is chosen among what is here; everything else is asked of the server. Where that gives the newest alone, the
  // service is asked of it too.
  function choose() {
    const { status, days, severity, ward } = bar.chosen();
    const measure = param('measure');
    const chosen = [status, days, severity, ward, measure].join('\n');
    if (search.value.trim() !== param('q')) search.value = param('q');
    bar.look();
    if (layer && days !== framed) layer.addHotspots();
    framed = days;
    if (chosen !== among) [among, isCut] = [chosen, false];
    const service = isCut ? param('service') : '';
    const wanted = among + '\n' + service;
    if (wanted === asked && requests.isLoaded) return draw([]);
    asked = wanted;
    const query = new URLSearchParams();
    if (status !== 'any') query.set('status', status);
    if (days) query.set('start_date', new Date(now() - Number(days) * DAY).toISOString().replace(/\.\d+Z/, 'Z'));
    for (const [name, value] of Object.entries({ severity, ward, measure, service_code: service })) if (value) query.set(name, value);
    const fits = (row) => (status === 'any' || row.status === status) && (!days || row.requested >= now() - Number(days) * DAY)
      && row.severity >= Number(severity || 0) && (!ward || row.ward === ward) && (!service || row.service_code === service)
      // Whether a newcomer belongs to a figure only the server knows.
      && (!measure || requests.rows.has(row.id));
    requests.load(query.toString(), fits).then(() => {
      if (isCut || !requests.isCut) return;
      isCut = true;
      if (param('service')) choose();
    }).catch(() => { if (!requests.isLoaded) setText(summary, t('no-answer-again')); asked = ''; setTimeout(choose, 5000); });
  }

  function draw(fresh) {
    drawTiles();
    // Before the first answer nothing is known, and an empty list would say that nothing is open.
    if (!requests.isLoaded) return;
    const here = requests.all.filter(ofService);
    const shown = (param('q') ? here.filter(hasWords) : here).sort(byUrgency);
    const { status } = bar.chosen();
    setText(heading, t('map-heading-' + status));
    const total = Array.from(requests.totals).reduce((sum, [code, n]) => sum + (ofService({ service_code: code }) ? n : 0), 0);
    const isPartial = total > here.length;
    setText(summary, isPartial && param('q') ? t('words-among', { n: shown.length, all: here.length }) : shown.length === 0 ? t('no-requests') : isPartial ? t('newest-of', { n: shown.length, total }) : t('urgent-first', { n: shown.length }));
    list.draw(shown, fresh, status === 'open' && !param('severity') && !param('ward') && !param('service') && !param('days') && !param('q'));
    if (layer) layer.update(shown);
    tellTime();
    const news = fresh.filter((row) => shown.includes(row));
    if (news.length === 1) announce(t('new-request', { title: titled(news[0].title), where: placeOf(news[0].address, news[0].ward) }));
    else if (news.length > 1) announce(t('new-requests', { n: news.length }));
  }

  function drawTiles() {
    if (services.length === 0) return;
    if (tiles.querySelectorAll('button').length !== services.length) {
      tiles.replaceChildren(...services.map((service) => {
        const button = el('button', { type: 'button', class: 'tile', data: { service: service.service_code }, on: { click: () => {
          setParams({ service: param('service') === service.service_code ? '' : service.service_code });
          choose();
        } } },
        el('span', { class: 'badge' }, icon(service.service_code)),
        el('span', {}, el('b'), el('span', { class: 'name', text: serviceName(service) })));
        return el('li', {}, button);
      }));
    }
    services.forEach((service, place) => {
      const button = tiles.children[place].firstElementChild;
      setText(button.querySelector('b'), requests.isLoaded ? number(requests.totals.get(service.service_code) || 0) : '–');
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
  const loadServices = () => allServices().then((found) => { services = found; list.services = found; draw([]); });
  loadServices();
  on('refresh', () => { if (services.length === 0) loadServices(); });
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

/// What a figure of the goals is called: a measure, or what was saved.
function figureName(name) {
  return name === 'requests' ? t('requests-raised') : name.startsWith('saved_') ? t('saved-' + name.slice(6)) : measureName(name);
}
