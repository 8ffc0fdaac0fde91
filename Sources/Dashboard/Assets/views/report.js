// A resident reports: a place, a kind, words, perhaps a photo; and gets an address that follows it.

import { Refusal, allServices, get, getIfAny, objects, post, siteSettings } from '/assets/core/api.js';
import { el, icon, library, said, setText } from '/assets/core/dom.js';
import { href, param } from '/assets/core/address.js';
import { on } from '/assets/core/live.js';
import { placeOf, requestLink, serviceName } from '/assets/core/names.js';
import { t } from '/assets/core/strings.js';
import { time } from '/assets/core/time.js';
import { Questions } from './report-questions.js';

const MOST_BYTES = 5 * 1024 * 1024;
const NEAR_M = 300;
/// How near the map comes: to the houses where tiles show them, else so that outlines still say where one is.
const NEAR_ZOOM = { tiles: 16, outlines: 14 };
const ASSETS_M = 120;

export async function show(main) {
  const [settings, services, key] = await Promise.all([siteSettings(), allServices(), getIfAny('/api/key').catch((error) => error)]);
  main.append(el('h1', { text: t('report-title') }));
  if (!key || !key.api_key) {
    const isLost = key instanceof Error;
    main.append(el('p', { class: 'empty', text: t(isLost ? 'no-answer-again' : 'report-withheld') }));
    if (isLost) on('refresh', () => location.reload());
    return;
  }
  main.append(el('p', { class: 'intro', text: t('report-intro') }));
  const questions = new Questions();
  const place = { lat: null, long: null, asset: '' };
  const field = (id, label, control, hint) => el('label', { class: 'field', for: id }, el('span', { text: label }), control, hint ? el('i', { text: hint }) : null);
  const lat = el('input', { id: 'lat', inputmode: 'decimal', autocomplete: 'off', size: '10', on: { change: typed } });
  const long = el('input', { id: 'long', inputmode: 'decimal', autocomplete: 'off', size: '10', on: { change: typed } });
  const address = el('input', { id: 'address', autocomplete: 'street-address', maxlength: '200' });
  const words = el('textarea', { id: 'words', maxlength: '4000' });
  const photo = el('input', { id: 'photo', type: 'file', accept: 'image/jpeg,image/png' });
  const name = el('input', { id: 'name', autocomplete: 'name', maxlength: '100' });
  const mail = el('input', { id: 'mail', type: 'email', autocomplete: 'email', maxlength: '200' });
  const kinds = el('fieldset', {}, el('legend', { text: t('report-what') }), services.map((service, number) => el('label', { data: { service: service.service_code } },
    el('input', { type: 'radio', name: 'service', value: service.service_code, required: true, checked: param('service') === service.service_code || (services.length === 1 && number === 0), on: { change: () => { questions.ask(service.service_code); look(); } } }), icon(service.service_code), el('span', { text: serviceName(service) }))));
  const assets = el('fieldset', { hidden: true });
  const map = el('div', { class: 'map', dir: 'ltr' });
  // Until there is a map to take it of.
  const middle = el('button', { type: 'button', class: 'quiet', disabled: true, text: t('report-middle') });
  const here = el('button', { type: 'button', class: 'quiet', text: t('report-here'), on: { click: () => navigator.geolocation.getCurrentPosition(
    ({ coords }) => choose(coords.latitude, coords.longitude, true), () => tell('trouble', t('position-denied'))) } });
  const known = el('div', { class: 'stack', role: 'status' }, el('p', { class: 'soft', text: t('report-need-place') }));
  const outcome = el('div', { role: 'alert' });
  const send = el('button', { class: 'go', text: t('report-send') });
  const form = el('form', { class: 'two', novalidate: true, on: { submit } },
    el('div', { class: 'stack' },
      el('section', { class: 'card', 'aria-labelledby': 'where-title' }, el('h2', { id: 'where-title', text: t('report-where') }), el('p', { class: 'soft small', text: t('report-map-hint') }), map,
        el('div', { class: 'row' }, middle, navigator.geolocation ? here : null),
        el('div', { class: 'pair' }, field('lat', t('report-lat'), lat), field('long', t('report-long'), long)), field('address', t('report-address'), address, t('optional'))),
      // Where the place was chosen, and before anything is written: it may be known.
      el('section', { class: 'card', 'aria-labelledby': 'known-title' }, el('h2', { id: 'known-title', text: t('report-known') }), known, el('p', { class: 'soft small', text: t('report-joined') }))),
    el('div', { class: 'stack' },
      el('section', { class: 'card form' }, kinds, questions.box, assets, field('words', t('report-words'), words), field('photo', t('report-photo'), photo, t('optional')),
        field('name', t('report-name'), name, t('optional')), field('mail', t('report-mail'), mail, t('optional')), outcome, el('p', {}, send))));
  form.addEventListener('input', () => { if (outcome.className === 'trouble') tell(''); });
  main.append(form);
  if (chosenService()) questions.ask(chosenService());
  let pin = null;
  let leaflet = null;
  let around = null;
  drawMap();

  function typed() {
    const at = [Number(lat.value.replace(',', '.')), Number(long.value.replace(',', '.'))];
    if (lat.value && long.value && at.every(Number.isFinite)) choose(at[0], at[1], true);
  }

  function choose(latitude, longitude, isToBeSeen) {
    place.lat = Math.max(-90, Math.min(90, latitude));
    place.long = Math.max(-180, Math.min(180, longitude));
    lat.value = place.lat.toFixed(6);
    long.value = place.long.toFixed(6);
    if (leaflet) {
      if (!pin) pin = L.marker([0, 0], { keyboard: false, icon: L.divIcon({ html: icon('other'), className: 'pick', iconSize: [34, 34], iconAnchor: [17, 33] }) });
      pin.setLatLng([place.lat, place.long]).addTo(leaflet);
      // From where the whole city is seen nobody can point at a bin: come near, and point again.
      const near = settings.tiles ? NEAR_ZOOM.tiles : NEAR_ZOOM.outlines;
      if (isToBeSeen || leaflet.getZoom() < near) leaflet.setView([place.lat, place.long], Math.max(near, leaflet.getZoom()));
    }
    look();
  }

  /// What is known there already, and which assets are near.
  async function look() {
    if (place.lat === null) return;
    const service = chosenService();
    const at = place.lat + ',' + place.long;
    const [answer, near] = await Promise.all([
      get('/api/map?' + new URLSearchParams({ status: 'open', lat: place.lat, long: place.long, radius: NEAR_M })).catch(() => null),
      getIfAny('/api/assets?' + new URLSearchParams({ bbox: boxAround(place, ASSETS_M), page_size: 50 })).catch(() => null)]);
    if (at !== place.lat + ',' + place.long) return;
    const rows = (answer ? objects(answer) : []).filter((row) => row.lat !== null && metres(row, place) <= NEAR_M && (!service || row.service_code === service));
    known.replaceChildren(...(rows.length === 0 ? [el('p', { class: 'soft', text: t('report-known-none') })]
      : [el('p', { text: t('report-known-line', { n: rows.length }) }), ...rows.slice(0, 5).map((row) => el('p', {}, requestLink(row.id, row.title), ' ', said(placeOf(row.address, row.ward)), ' ', time(row.since, 'since')))]));
    const assets = ((near && near.assets) || []).filter((asset) => metres(asset, place) <= ASSETS_M).sort((a, b) => metres(a, place) - metres(b, place));
    drawAssets(assets);
    drawNear(rows, assets);
  }

  /// The same on the map, for the eye: the list beside it has all of it.
  function drawNear(rows, assets) {
    if (!leaflet) return;
    around.clearLayers();
    for (const asset of assets) L.circleMarker([asset.lat, asset.long], { radius: 6, className: 'layer' }).bindTooltip(() => said(asset.name || asset.id)).addTo(around);
    for (const row of rows) {
      const marker = L.marker([row.lat, row.long], { keyboard: false, icon: L.divIcon({ html: icon(row.service_code), className: 'pin', iconSize: [26, 26] }) });
      marker.on('add', () => { marker.getElement().dataset.service = row.service_code; });
      marker.bindPopup(() => el('div', {}, requestLink(row.id, row.title))).addTo(around);
    }
  }

  function drawAssets(found) {
    assets.hidden = found.length === 0;
    place.asset = found.some((asset) => asset.id === place.asset) ? place.asset : '';
    if (found.length === 0) return;
    const option = (id, label) => el('label', {}, el('input', { type: 'radio', name: 'asset', value: id, checked: place.asset === id, on: { change: () => { place.asset = id; } } }), label);
    assets.replaceChildren(el('legend', { text: t('report-asset') }), ...found.slice(0, 8).map((asset) => option(asset.id, said([asset.name || asset.id, asset.address].filter(Boolean).join(', ')))), option('', t('report-asset-none')));
  }

  function chosenService() { const chosen = form.querySelector('input[name="service"]:checked'); return chosen ? chosen.value : ''; }

  function tell(kind, ...content) {
    outcome.className = kind;
    outcome.replaceChildren(...content);
  }

  async function submit(event) {
    event.preventDefault();
    const service = chosenService();
    const missing = !service ? [t('report-need-service'), kinds.querySelector('input')] : place.lat === null && !address.value.trim() ? [t('report-need-place'), lat]
      : questions.missing() ? [t('report-need-answer'), questions.missing()] : !words.value.trim() ? [t('report-need-words'), words] : photo.files[0] && photo.files[0].size > MOST_BYTES ? [t('photo-too-big'), photo] : null;
    if (missing) {
      tell('trouble', missing[0]);
      // What is missing is said where it is missing: on a phone the button is far away.
      missing[1].closest('fieldset, .pair, .field').after(outcome);
      missing[1].focus();
      return;
    }
    const body = new FormData();
    const values = { api_key: key.api_key, service_code: service, lat: place.lat, long: place.long, address_string: address.value.trim(), description: words.value.trim(), service_object_id: place.asset, email: mail.value.trim(), first_name: name.value.trim() };
    for (const [key, value] of Object.entries(values)) if (value !== '' && value !== null) body.set(key, value);
    questions.addTo(body);
    if (photo.files[0]) body.set('media', photo.files[0]);
    send.disabled = true;
    send.parentElement.before(outcome);
    tell('', t('report-sending'));
    try {
      const [receipt] = await post('/open311/v2/requests.json', body, { 'Idempotency-Key': mark });
      mark = crypto.randomUUID();
      const path = receipt.service_request_id ? href('/request', { id: receipt.service_request_id }) : href('/request', { token: receipt.token });
      const link = el('a', { class: 'button', href: path, text: t('report-follow') });
      tell('done', el('p', { text: t('report-thanks') }), el('p', {}, el('code', { text: new URL(path, location.href).href })), el('p', {}, link));
      link.focus();
      words.value = '';
      photo.value = '';
    } catch (error) {
      tell('trouble', t('failed', { reason: error instanceof Refusal ? error.message : t('report-no-answer') }));
    }
    send.disabled = false;
  }
  // A second press sends the same report.
  let mark = crypto.randomUUID();

  async function drawMap() {
    if (!(await library('/assets/vendor/leaflet.min.js'))) { map.replaceWith(el('p', { class: 'soft', text: t('no-map') })); middle.hidden = true; return; }
    const wards = await getIfAny('/assets/wards.geojson').catch(() => null);
    leaflet = L.map(map, { attributionControl: false, maxZoom: 18, zoomSnap: .1 });
    leaflet.setView([0, 0], 3);
    around = L.layerGroup().addTo(leaflet);
    L.control.scale({ imperial: false }).addTo(leaflet);
    if (settings.tiles) L.tileLayer(settings.tiles.url, { maxZoom: 19 }).addTo(leaflet);
    if (wards) {
      const outlines = L.geoJSON(wards, { style: { className: 'ward' }, onEachFeature: (feature, layer) => layer.bindTooltip(() => said(feature.properties && feature.properties.name), { sticky: true }) }).addTo(leaflet);
      leaflet.invalidateSize({ animate: false });
      leaflet.fitBounds(outlines.getBounds(), { padding: [8, 8], animate: false });
    }
    leaflet.on('click', ({ latlng }) => choose(latlng.lat, latlng.lng, false));
    middle.addEventListener('click', () => { const { lat, lng } = leaflet.getCenter(); choose(lat, lng, false); });
    middle.disabled = false;
    new ResizeObserver(() => leaflet.invalidateSize({ animate: false })).observe(map);
  }
}

/// West, south, east, north.
function boxAround({ lat, long }, distance) {
  const up = distance / 111_195;
  const aside = up / Math.max(.01, Math.cos(lat * Math.PI / 180));
  return [long - aside, lat - up, long + aside, lat + up].map((degrees) => degrees.toFixed(6)).join(',');
}

/// Between two points of one city.
function metres(a, b) {
  const x = (a.long - b.long) * Math.cos((a.lat + b.lat) * Math.PI / 360);
  return Math.hypot(x, a.lat - b.lat) * 111_195;
}
