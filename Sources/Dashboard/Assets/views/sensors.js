// What listens, and how it does: all sensors, or one.

import { get, objects } from '/assets/core/api.js';
import { announce, el, said, setText } from '/assets/core/dom.js';
import { param, setParams } from '/assets/core/address.js';
import { filters } from '/assets/core/filters.js';
import { kindName, placeOf, requestLink, ruleName, sensorLink } from '/assets/core/names.js';
import { download, table } from '/assets/core/table.js';
import { number, percent, t } from '/assets/core/strings.js';
import { time } from '/assets/core/time.js';
import { showSensor } from './sensor.js';

const STATES = ['healthy', 'silent', 'stuck', 'lossy', 'battery', 'never'];
const PAGE = 50;
const AGAIN_MS = 15_000;
const byName = new Intl.Collator(undefined, { numeric: true });

/// A sensor may be several of these; healthy is none of the others.
function statesOf(sensor) {
  const found = [];
  if (sensor.last_heard === null) found.push('never');
  if (sensor.faults.some((fault) => /silence/.test(fault))) found.push('silent');
  if (sensor.faults.some((fault) => /stuck|implausible|drift|clock/.test(fault))) found.push('stuck');
  if (sensor.lost !== null && sensor.lost > .1) found.push('lossy');
  if (sensor.battery !== null && sensor.battery < 20) found.push('battery');
  return found.length > 0 ? found : ['healthy'];
}

export async function show(main) {
  if (param('id')) return showSensor(main, param('id'));
  const summary = el('p', { role: 'status', text: t('loading') });
  const tiles = el('ul', { class: 'tiles odd' }, ['all', ...STATES].map((state) => el('li', {}, el('button', { type: 'button', class: 'tile bare', data: { state }, on: { click: () => {
    setParams({ state: param('state') === state || state === 'all' ? '' : state });
    bar.look();
    draw();
  } } }, el('span', {}, el('b', { text: '–' }), el('span', { class: 'name', text: t('health-' + state) }))))));
  const search = el('input', { type: 'search', id: 'sensor-search', value: param('q'), on: { input: () => { setParams({ q: search.value.trim() }); bar.look(); shown = PAGE; draw(); } } });
  const bar = filters([
    { name: 'kind', label: t('sensor-kind'), usual: '', options: [['', t('any')], ...['water-leak', 'traffic', 'bin-fill', 'generic'].map((kind) => [kind, kindName(kind)])] },
    { name: 'ward', label: t('filter-ward'), usual: '', options: [['', t('all-wards')]] },
    { name: 'gateway', label: t('sensor-gateway'), usual: '', options: [['', t('any')]] }
  ], () => { search.value = param('q'); draw(); }, ['q', 'state']);
  bar.box.prepend(el('label', { class: 'field', for: 'sensor-search' }, el('span', { text: t('sensor-search') }), search));
  const columns = [
    { name: 'id', label: t('sensor'), cell: (row) => sensorLink(row.id) },
    { name: 'state', label: t('sensor-state'), isBare: true, cell: stateCell, value: (row) => row.states.join(' ') },
    { name: 'kind', label: t('sensor-kind'), isBare: true, cell: (row) => kindName(row.kind) },
    { name: 'place', label: t('place'), isBare: true, isLine: true, cell: (row) => said(placeOf(row.address, row.ward)), value: (row) => placeOf(row.address, row.ward) },
    { name: 'last_heard', label: t('sensor-heard'), cell: (row) => (row.last_heard === null ? null : time(row.last_heard, 'ago')), value: (row) => (row.last_heard === null ? '' : new Date(row.last_heard).toISOString()) },
    { name: 'battery', label: t('sensor-battery'), isNumber: true, cell: (row) => (row.battery === null ? null : percent(row.battery / 100)) },
    { name: 'lost', label: t('sensor-lost'), isNumber: true, cell: (row) => (row.lost === null ? null : percent(row.lost, 1)) },
    { name: 'gateway', label: t('sensor-gateway'), cell: (row) => (row.gateway ? said(row.gateway) : null) },
    { name: 'requests', label: t('finding-request'), cell: (row) => (row.requests.length === 0 ? null : el('span', { class: 'row' }, row.requests.map((id) => requestLink(id)))), value: (row) => row.requests.join(' ') }
  ];
  const list = table(t('sensors-title'), columns, [], { isQuiet: true, isCards: true, isRoomy: true });
  list.box.setAttribute('aria-busy', 'true');
  const none = el('p', { class: 'empty', hidden: true, text: t('nothing-found') });
  const more = el('button', { type: 'button', class: 'quiet', text: t('show-more'), hidden: true, on: { click: () => { shown += PAGE; draw(); } } });
  const gateways = table(t('gateways'), [
    { name: 'gateway', label: t('sensor-gateway'), cell: (row) => (row.name ? el('button', { type: 'button', class: 'plain', on: { click: () => bar.set('gateway', row.name) } }, said(row.name)) : t('without-gateway')) },
    { name: 'sensors', label: t('gateway-sensors'), isNumber: true, cell: (row) => number(row.all) },
    { name: 'faulty', label: t('gateway-faulty'), isNumber: true, cell: (row) => number(row.faulty) }
  ], [], { isQuiet: true });
  main.append(el('div', { class: 'head' }, el('h1', { text: t('sensors-title') }), summary), el('p', { class: 'intro', text: t('sensors-intro') }), tiles, bar.box,
    el('div', { class: 'two' },
      el('section', { class: 'card', 'aria-label': t('sensors-title') }, none, list.box, el('div', { class: 'row' }, more, download('sensors', columns, () => found))),
      el('section', { class: 'card', 'aria-labelledby': 'gateways-title' }, el('h2', { id: 'gateways-title', text: t('gateways') }), gateways.box)));
  main.querySelector('.two').classList.add('wide');

  let all = [];
  let found = [];
  let shown = PAGE;
  /// How many are not well, of which it was told.
  let known = null;

  function draw() {
    const { kind, ward, gateway } = bar.chosen();
    const words = param('q').toLowerCase();
    const among = all.filter((sensor) => (!kind || sensor.kind === kind) && (!ward || sensor.ward === ward) && (!gateway || sensor.gateway === gateway)
      && (!words || [sensor.id, sensor.address, sensor.ward, sensor.gateway, sensor.zone].some((text) => text && text.toLowerCase().includes(words))));
    const state = param('state');
    found = among.filter((sensor) => !state || sensor.states.includes(state));
    tiles.querySelectorAll('button').forEach((button) => {
      const name = button.dataset.state;
      setText(button.querySelector('b'), number(name === 'all' ? among.length : among.filter((sensor) => sensor.states.includes(name)).length));
      button.setAttribute('aria-pressed', String(name === 'all' ? !state : state === name));
    });
    setText(summary, t('sensor-count', { n: found.length }));
    list.update(found.slice(0, shown));
    none.hidden = found.length > 0;
    list.box.hidden = found.length === 0;
    more.hidden = found.length <= shown;
    const by = new Map();
    for (const sensor of among) {
      const entry = by.get(sensor.gateway) || { name: sensor.gateway, all: 0, faulty: 0 };
      entry.all += 1;
      if (!isWell(sensor)) entry.faulty += 1;
      by.set(sensor.gateway, entry);
    }
    gateways.update(Array.from(by.values()).sort((a, b) => b.faulty - a.faulty || byName.compare(String(a.name), String(b.name))));
  }

  async function load() {
    const answer = await get('/api/sensors').catch((error) => error);
    if (answer instanceof Error) {
      if (all.length === 0) setText(summary, error404(answer));
      list.box.removeAttribute('aria-busy');
      return;
    }
    const rows = objects(answer).map((row) => Object.assign(row, { requests: Array.from(new Set(row.requests)) }));
    // Once, and not at each draw: what is not well first.
    all = rows.map((row) => Object.assign(row, { states: statesOf(row) })).sort((a, b) => isWell(a) - isWell(b) || byName.compare(a.id, b.id));
    const fill = (name, usual) => bar.fill(name, [['', usual], ...Array.from(new Set(all.map((sensor) => sensor[name]).filter(Boolean))).sort(byName.compare).map((value) => [value, value])]);
    if (known === null) { fill('ward', t('all-wards')); fill('gateway', t('any')); }
    const unwell = all.filter((sensor) => !isWell(sensor)).length;
    if (known !== null && unwell !== known) announce(t('sensors-unwell', { n: unwell }));
    known = unwell;
    list.box.removeAttribute('aria-busy');
    // Not while somebody is on a link in the table: the rows are made anew.
    if (!list.box.contains(document.activeElement) && !gateways.box.contains(document.activeElement)) draw();
  }
  await load();
  setInterval(() => { if (!document.hidden) load(); }, AGAIN_MS);
}

function error404(error) { return error.status === 404 ? t('not-here') : t('no-answer-again'); }
function isWell(sensor) { return sensor.states[0] === 'healthy' ? 1 : 0; }

function stateCell(sensor) {
  return el('span', { class: 'severity', data: { level: isWell(sensor) ? 0 : 3 }, title: sensor.faults.map(ruleName).join(', '), text: sensor.states.map((state) => t('health-' + state)).join(', ') });
}
