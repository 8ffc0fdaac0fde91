// One request: from the first odd reading to closure.

import { Refusal, get, getIfAny, objects } from '/assets/core/api.js';
import { announce, el, icon, said } from '/assets/core/dom.js';
import { href, param } from '/assets/core/address.js';
import { on } from '/assets/core/live.js';
import { foreignLink, placeOf, requestLink, serviceName, severity, sourceLink, statusName } from '/assets/core/names.js';
import { isReady, retell, telling, title } from '/assets/core/sentences.js';
import { has, t } from '/assets/core/strings.js';
import { ms, now, span, time, when } from '/assets/core/time.js';
import { evidence } from './request-evidence.js';
import { verdict } from './request-verdict.js';

export async function show(main) {
  const id = param('id');
  const token = param('token');
  if (!id && !token) return choose(main);
  if (token && !id) return follow(main, token);
  document.title = t('request-title', { id }) + ' · Sluice';
  const box = el('div', { class: 'stack', 'aria-busy': 'true' }, el('h1', { text: t('request-title', { id }) }), el('p', { class: 'soft', text: t('loading') }));
  main.append(box);
  let shown = null;
  const load = async () => {
    const request = await read(id).catch((error) => error);
    box.removeAttribute('aria-busy');
    if (request instanceof Error || !request) {
      if (!shown) choose(main, request instanceof Refusal || !request ? t('request-unknown') : t('no-answer'));
      return;
    }
    const look = JSON.stringify(request);
    if (look === shown) return;
    // It was asked for another one while nobody answered.
    if (!box.isConnected) main.replaceChildren(box);
    if (shown) announce(retell(request.status_notes) ?? (request.status_notes || t('last-change')));
    const isFirst = shown === null;
    shown = look;
    draw(box, request, isFirst, load);
  };
  await load();
  on('request', (documents) => { if (documents.some((request) => request.service_request_id === id)) load(); });
  on('refresh', load);
}

async function read(id) {
  const [found] = await Promise.all([get('/open311/v2/requests/' + encodeURIComponent(id) + '.json?extensions=true'), isReady]);
  return found[0] || null;
}

function choose(main, trouble) {
  const input = el('input', { id: 'request-id', inputmode: 'text', autocomplete: 'off', required: true, size: '14' });
  main.replaceChildren(el('form', { class: 'card form', role: 'search', on: { submit: (event) => {
    event.preventDefault();
    const value = input.value.trim().replace(/^#/, '');
    if (value) location.href = href('/request', /^\d+$/.test(value) ? { id: value } : { token: value });
  } } },
  el('h1', { text: t('request-choose') }),
  trouble ? el('p', { class: 'trouble', role: 'alert', text: trouble }) : null,
  el('label', { class: 'field', for: 'request-id' }, el('span', { text: t('request-number') }), input),
  el('p', {}, el('button', { class: 'go', text: t('request-show') }))));
}

/// A report that waits for its number: the token leads to it once it has one.
async function follow(main, token) {
  const look = async () => {
    const found = await getIfAny('/open311/v2/tokens/' + encodeURIComponent(token) + '.json').catch(() => undefined);
    if (found === null) return choose(main, t('request-unknown'));
    const id = Array.isArray(found) && found[0] && found[0].service_request_id;
    if (id) { location.replace(href('/request', { id })); return; }
    main.replaceChildren(el('p', { class: 'card', role: 'status', text: t('request-token-waits') }));
  };
  on('request', look);
  on('refresh', look);
  await look();
}

function draw(box, request, isFirst, reload) {
  const more = request.extended_attributes || {};
  const head = el('header', { class: 'card', data: { service: request.service_code } },
    el('p', { class: 'kind' }, el('span', { class: 'badge' }, icon(request.service_code)), severity(more.severity || 1),
      el('span', { class: 'service', text: serviceName(request) }), el('span', { class: 'severity', data: { level: request.status === 'open' ? 2 : 0 }, text: statusName(request.status) }),
      el('span', { class: 'number', text: '#' + request.service_request_id })),
    el('h1', {}, request.title ? title(request.title) : said(serviceName(request))),
    request.description ? telling('p', { class: 'say' }, request.description) : null,
    request.status_notes && request.status === 'closed' ? telling('p', { class: 'soft' }, request.status_notes) : null,
    request.service_notice ? telling('p', { class: 'soft' }, request.service_notice) : null);
  const news = [facts(request, more), story(request)];
  const people = isFirst ? el('section', { class: 'card', id: 'people', 'aria-labelledby': 'people-title', hidden: true }) : box.querySelector('#people');
  if (isFirst) {
    const proof = el('div', { class: 'stack' });
    box.replaceChildren(head, el('div', { class: 'two' }, proof, el('div', { class: 'stack side' }, news, people, verdict(request, reload), addresses(request))));
    evidence(proof, request);
  } else {
    box.querySelector('header').replaceWith(head);
    // What staff are typing stays, and what they are told; and so does the focus.
    news.forEach((part, place) => {
      const former = box.querySelector('.side').children[place];
      if (!former.contains(document.activeElement)) former.replaceWith(part);
    });
  }
  tellOthers(people, request.service_request_id);
}

function facts(request, more) {
  const rows = [];
  const add = (label, value) => { if (value) rows.push(el('dt', { text: label }), el('dd', {}, value)); };
  const at = (value, how) => (ms(value) === null ? null : time(ms(value), how));
  add(t('place'), placeOf(request.address, more.ward) ? said(placeOf(request.address, more.ward)) : null);
  // What a person tells of begins, as far as anybody knows, when it is told.
  const isOne = Math.abs(ms(more.first_seen) - ms(request.requested_datetime)) < 60_000;
  add(t('began'), isOne ? null : at(more.first_seen, 'at-ago'));
  add(t('raised'), at(request.requested_datetime, isOne ? 'at-ago' : 'at'));
  add(t('closed-at'), request.status === 'closed' ? at(closedAt(request)) : null);
  add(t('last-change'), request.status === 'open' ? at(request.updated_datetime, 'ago') : null);
  const expected = ms(request.expected_datetime);
  const isOverdue = expected !== null && expected < now();
  add(t('expected-by'), request.status !== 'open' || expected === null ? null : isOverdue ? el('strong', { class: 'late', text: t('overdue', { when: when(expected), span: span(now() - expected) }) }) : time(expected));
  add(t('agency'), request.agency_responsible ? said(request.agency_responsible) : null);
  const origin = more.origin || (more.channel === 'sensor' ? 'sensor' : more.channel === 'person' ? 'person' : null);
  add(t('origin'), origin && has('origin-' + origin) ? t('origin-' + origin) : null);
  const { sensors = 0, people = 0 } = more.sources || {};
  add(t('who-agrees'), [sensors ? t('sensors-agree', { n: sensors }) : null, people ? t(sensors && origin !== 'person' ? 'people-count' : 'people-alone', { n: people }) : null].filter(Boolean).join(' · '));
  const rule = more.detector && more.detector.name;
  add(rule === 'gateway-silence' ? t('sensor-gateway') : t('sensor'), more.sensor_id ? sourceLink(more.sensor_id, rule) : null);
  add(t('related'), more.related ? requestLink(more.related) : null);
  const parent = request.parent_service_request_id || more.parent_service_request_id;
  add(t('parent'), parent ? requestLink(parent) : null);
  const word = more.verdict && typeof more.verdict === 'object' ? more.verdict.verdict : more.verdict;
  add(t('verdict'), word ? (has('verdict-' + word) ? t('verdict-' + word) : word) : null);
  return el('section', { class: 'card', 'aria-labelledby': 'facts-title' }, el('h2', { id: 'facts-title', text: t('what-happened') }), el('dl', { class: 'facts' }, rows));
}

function story(request) {
  const notes = (request.notes || []).slice().reverse();
  const opened = notes.length > 0 ? ms(notes[notes.length - 1].datetime) : null;
  const began = ms((request.extended_attributes || {}).first_seen);
  // What the first note only mentions: how long it went on before anybody was told.
  const first = opened === null || began === null || opened - began < 60_000 ? null
    : el('li', {}, time(began), el('p', { text: t('story-began', { span: span(opened - began) }) }));
  return el('section', { class: 'card', 'aria-labelledby': 'story-title' }, el('h2', { id: 'story-title', text: t('story') }),
    notes.length === 0 ? el('p', { class: 'soft', text: t('none') })
      : el('ol', { class: 'story', reversed: true }, notes.map((note) => el('li', {},
        time(ms(note.datetime)), telling('p', { class: 'say' }, note.description || note.type || ''),
        note.media_url ? el('p', {}, foreignLink(note.media_url, t('picture'))) : null)), first));
}

/// What staff say of it afterwards is no other end.
function closedAt(request) {
  const notes = (request.notes || []).slice().sort((a, b) => ms(a.datetime) - ms(b.datetime));
  const last = notes.findLastIndex((note) => note.type !== 'closed');
  return (notes[last + 1] || {}).datetime || request.updated_datetime;
}

/// What people reported of the same trouble, and what other departments were given of it, each with the address that follows it.
async function tellOthers(box, id) {
  const answer = await getIfAny('/api/map?' + new URLSearchParams({ parent: id })).catch(() => null);
  const rows = answer ? objects(answer) : [];
  if (rows.length === 0 || box.contains(document.activeElement)) return;
  box.hidden = false;
  // A part speaks of the same sensors.
  const [parts, reports] = [rows.filter((row) => row.sensors > 0), rows.filter((row) => !(row.sensors > 0))];
  const head = (row) => el('p', { class: 'soft small' }, time(row.requested), ' · ', requestLink(row.id));
  box.replaceChildren(
    ...(parts.length === 0 ? [] : [el('h2', { id: reports.length === 0 ? 'people-title' : null, text: t('parts') }),
      el('ul', { class: 'stack' }, parts.map((row) => el('li', {}, head(row), el('p', { text: serviceName(row) + ' · ' + statusName(row.status) }))))]),
    ...(reports.length === 0 ? [] : [el('h2', { id: 'people-title', text: t('people-reports') }),
      el('ol', { class: 'stack' }, reports.map((row) => el('li', {}, head(row), el('p', { class: 'say', dir: 'auto', text: row.text || '' }))))]));
}

/// Kept with what sensors raised; a part's is kept with the whole.
function hasEvidence({ extended_attributes: more }) {
  return Boolean(more && more.sources && more.sources.sensors && !more.parent_service_request_id);
}

function addresses(request) {
  const id = encodeURIComponent(request.service_request_id);
  const link = (path, key) => el('li', {}, el('a', { href: path, text: t(key) }));
  return el('section', { class: 'card', 'aria-labelledby': 'addresses-title' }, el('h2', { id: 'addresses-title', text: t('addresses') }),
    el('ul', {}, link('/open311/v2/requests/' + id + '.json?extensions=true', 'address-json'), link('/open311/v2/requests/' + id + '.xml?extensions=true', 'address-xml'),
      hasEvidence(request) ? link('/api/requests/' + id + '/evidence', 'address-evidence') : null, request.media_url ? el('li', {}, foreignLink(request.media_url, t(request.media_url.includes('/media/requests/') ? 'address-picture' : 'picture'))) : null));
}
