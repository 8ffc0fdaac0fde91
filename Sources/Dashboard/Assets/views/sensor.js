// One sensor: its history at any zoom (the server thins it), what rules found there, its requests.

import { get, getIfAny } from '/assets/core/api.js';
import { el, said, setText } from '/assets/core/dom.js';
import { href, param, setParams } from '/assets/core/address.js';
import { chart, line, withGaps } from '/assets/core/chart.js';
import { kindName, levelName, levelsOf, placeOf, quantityName, requestLink, ruleName, serviceName, statusName, unitName } from '/assets/core/names.js';
import { shares } from '/assets/core/sentences.js';
import { table } from '/assets/core/table.js';
import { has, number, t } from '/assets/core/strings.js';
import { ends, ms, now, span, time } from '/assets/core/time.js';

const DAY = 86_400_000;
const RANGES = [['24h', DAY], ['7d', 7 * DAY], ['30d', 30 * DAY], ['1y', 365 * DAY], ['all', Infinity]];

export async function showSensor(main, id) {
  const back = el('p', {}, el('a', { href: href('/sensors'), text: t('back-to-sensors') }));
  const sensor = await getIfAny('/api/sensor?' + new URLSearchParams({ id })).catch(() => undefined);
  if (!sensor) {
    main.append(back, el('h1', {}, said(id)), el('p', { class: 'empty', text: sensor === null ? t('sensor-unknown') : t('no-answer') }));
    return;
  }
  document.title = sensor.id + ' · Sluice';
  const facts = [];
  const add = (label, value) => { if (value) facts.push(el('dt', { text: label }), el('dd', {}, value)); };
  const lastHeard = sensor.streams.length > 0 ? Math.max(...sensor.streams.map((stream) => stream.last)) : null;
  add(t('sensor-kind'), kindName(sensor.kind));
  add(t('place'), said(placeOf(sensor.address, sensor.ward)));
  add(t('sensor-heard'), lastHeard === null ? t('health-never') : time(lastHeard, 'ago'));
  add(t('sensor-asset'), sensor.asset ? said(sensor.asset) : null);
  add(t('sensor-zone'), sensor.zone ? said(sensor.zone) : null);
  add(t('sensor-gateway'), sensor.gateway ? el('a', { href: href('/sensors', { gateway: sensor.gateway }) }, said(sensor.gateway)) : null);
  add(t('sensor-interval'), sensor.interval_s ? (sensor.interval_learned ? t('learned', { what: span(sensor.interval_s * 1000) }) : span(sensor.interval_s * 1000)) : null);

  const findings = sensor.findings.length === 0 ? el('p', { class: 'soft', text: t('findings-none') }) : table(t('findings'), [
    { name: 'rule', label: t('finding-rule'), cell: (row) => ruleName(row.rule) },
    { name: 'state', label: t('finding-state'), isBare: true, cell: (row) => (has('state-' + row.state) ? t('state-' + row.state) : row.state) },
    { name: 'since', label: t('finding-since'), cell: (row) => time(row.since) },
    { name: 'until', label: t('finding-until'), cell: (row) => (row.resolved ? time(row.resolved) : null) },
    { name: 'request', label: t('finding-request'), cell: (row) => (row.service_request_id ? requestLink(row.service_request_id) : null) }
  ], sensor.findings, { isQuiet: true, isCards: true }).box;
  const rules = (sensor.rules || []).length === 0 ? null : el('p', { class: 'soft small rules' }, t('rules-here') + ' ' + sensor.rules.map(ruleName).join(' · '));
  const requests = Array.from(new Set(sensor.findings.map((finding) => finding.service_request_id).filter(Boolean)));
  const history = el('section', { class: 'card', 'aria-labelledby': 'history-title' }, el('h2', { id: 'history-title', text: t('sensor-history') }));
  main.append(back, el('h1', {}, said(sensor.id)), el('div', { class: 'two' }, history, el('div', { class: 'stack' },
    el('section', { class: 'card', 'aria-label': t('sensor') }, el('dl', { class: 'facts' }, facts)),
    el('section', { class: 'card', 'aria-labelledby': 'findings-title' }, el('h2', { id: 'findings-title', text: t('findings') }), findings, rules),
    el('section', { class: 'card', 'aria-labelledby': 'requests-title' }, el('h2', { id: 'requests-title', text: t('sensor-requests') }), await requestsOf(requests)))));
  if (sensor.streams.length === 0) {
    history.append(el('p', { class: 'soft', text: t('history-none') }));
    return;
  }
  await showHistory(history, sensor);
}

/// Its requests with their titles, newest first.
async function requestsOf(ids) {
  const found = ids.length === 0 ? [] : await get('/open311/v2/requests.json?extensions=true&service_request_id=' + ids.slice(0, 20).join(',')).catch(() => []);
  if (found.length === 0) return el('p', { class: 'soft', text: t('findings-none') });
  return el('ul', { class: 'stack' }, found.map((request) => el('li', { data: { service: request.service_code } }, requestLink(request.service_request_id, request.title || serviceName(request)), ' ',
    el('span', { class: 'soft small' }, statusName(request.status) + ' · ', time(ms(request.requested_datetime))))));
}

async function showHistory(box, sensor) {
  const first = Math.min(...sensor.streams.map((stream) => stream.first));
  const quantity = el('select', { id: 'quantity', on: { change: () => { setParams({ quantity: quantity.value }); load(); } } },
    sensor.streams.map((stream) => el('option', { value: stream.quantity, text: quantityName(stream.quantity), selected: stream.quantity === param('quantity') })));
  const ranges = RANGES.map(([name, length]) => el('button', { type: 'button', class: 'quiet', data: { name }, text: t('history-' + name), on: { click: () => go(Math.max(first, now() - length), now(), name) } }));
  const step = (key, move) => el('button', { type: 'button', class: 'quiet', text: t(key), on: { click: () => { const { from, to } = shown(); move(from, to, to - from); } } });
  const figure = chart(t('sensor-history'), 'sensor-history', { level: 'h3' });
  figure.box.querySelector('h3').hidden = true;
  box.append(el('div', { class: 'row end' },
    el('label', { class: 'field', for: 'quantity' }, el('span', { text: t('sensor-quantity') }), quantity),
    el('div', { class: 'row', role: 'group', 'aria-label': t('sensor-range') }, ranges)),
  figure.box,
  el('div', { class: 'row' },
    step('earlier', (from, to, length) => go(from - length / 2, to - length / 2)), step('later', (from, to, length) => go(from + length / 2, to + length / 2)),
    step('zoom-in', (from, to, length) => go(from + length / 4, to - length / 4)), step('zoom-out', (from, to, length) => go(from - length / 2, to + length / 2))));
  let turn = 0;

  /// A named range moves with the clock; one that was zoomed to stays.
  function shown() {
    const range = RANGES.find(([name]) => name === (param('range') || '7d'));
    if (param('from') && param('to')) return { from: Number(param('from')), to: Number(param('to')) };
    return { from: Math.max(now() - range[1], range[1] === Infinity ? first : -Infinity), to: now() };
  }

  function go(from, to, name) {
    const end = Math.min(to, now());
    const begin = Math.max(Math.min(from, end - 60_000), first - DAY);
    setParams(name ? { range: name === '7d' ? '' : name, from: '', to: '' } : { from: Math.round(begin), to: Math.round(end), range: '' });
    load();
  }

  async function load() {
    const mine = ++turn;
    const { from, to } = shown();
    ranges.forEach((button) => button.setAttribute('aria-pressed', String(!param('from') && button.dataset.name === (param('range') || '7d'))));
    const answer = await get('/api/sensor/history?' + new URLSearchParams({ id: sensor.id, quantity: quantity.value, from: Math.max(0, Math.round(from)), to: Math.round(to), points: 700 })).catch(() => null);
    if (mine !== turn) return;
    const rows = answer ? answer.rows : [];
    const least = Math.min(...rows.map((row) => row[2]));
    const greatest = Math.max(...rows.map((row) => row[3]));
    const unit = answer ? unitName(answer.unit) : '';
    const levels = answer && levelsOf(answer.unit);
    const isThinned = rows.some((row) => row[4] > 1);
    const points = (place) => withGaps(rows.map((row) => ({ x: row[0], y: row[place] })));
    figure.set({
      summary: rows.length === 0 ? t('history-none') : shares(t(least === greatest ? 'history-same' : 'history-summary', { n: rows.reduce((sum, row) => sum + row[4], 0), ...ends(rows[0][0], rows[rows.length - 1][0]), value: levelName(least, levels), least: levelName(least, levels), greatest: levelName(greatest, levels), unit })).replace(' .', '.'),
      columns: [
        { name: 'start', label: t('start'), cell: (row) => time(row[0]), value: (row) => new Date(row[0]).toISOString() },
        { name: 'mean', label: t('mean') + (unit ? ' (' + unit + ')' : ''), isNumber: true, cell: (row) => number(row[1], 2), value: (row) => row[1] },
        { name: 'least', label: t('chart-least'), isNumber: true, cell: (row) => number(row[2], 2), value: (row) => row[2] },
        { name: 'greatest', label: t('chart-greatest'), isNumber: true, cell: (row) => number(row[3], 2), value: (row) => row[3] },
        { name: 'readings', label: t('readings'), isNumber: true, cell: (row) => number(row[4]), value: (row) => row[4] }
      ],
      rows,
      draw: (tone) => ({
        data: { datasets: [
          ...(isThinned ? [
            line('', points(3), 'transparent', { isSilent: true, borderWidth: 0, fill: '+1', backgroundColor: tone('band') }),
            line(t('chart-least') + ' – ' + t('chart-greatest'), points(2), tone('band'), { borderWidth: 0, keyWidth: 10 })] : []),
          line(isThinned ? t('mean') : quantityName(quantity.value), points(1), tone('measured'), { stepped: answer && answer.unit === 'bool' && !isThinned ? 'before' : false })] },
        options: { isTime: true, from, to, unit, levels, startsAtZero: least >= 0 && least < greatest / 2 }
      })
    });
  }
  await load();
}
