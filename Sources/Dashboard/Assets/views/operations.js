// For the night shift: rates, health, the quarantine, and decisions as they are made.

import { get, getIfAny } from '/assets/core/api.js';
import { el, said, setText } from '/assets/core/dom.js';
import { param, setParams } from '/assets/core/address.js';
import { on } from '/assets/core/live.js';
import { requestLink, ruleName, sensorLink } from '/assets/core/names.js';
import { table } from '/assets/core/table.js';
import { number, percent, t } from '/assets/core/strings.js';
import { hour, ms, now, time } from '/assets/core/time.js';

const EVERY_MS = 2000;
const MOST_LINES = 300;

export async function show(main) {
  const tiles = el('ul', { class: 'tiles' });
  const health = el('section', { class: 'card', 'aria-labelledby': 'health-title' }, el('h2', { id: 'health-title', text: t('health') }));
  const checks = el('ul', { class: 'stack' });
  const refused = el('p', { class: 'soft', hidden: true, text: t('operations-refused') });
  health.append(refused, checks);
  const quarantine = el('section', { class: 'card', 'aria-labelledby': 'quarantine-title' }, el('h2', { id: 'quarantine-title', text: t('quarantine') }));
  const reasons = table(t('quarantine'), [
    { name: 'reason', label: t('reason'), cell: (row) => el('code', { text: row.reason }) }, { name: 'count', label: t('count'), isNumber: true, cell: (row) => number(row.count) }
  ], [], { isQuiet: true });
  const samples = table(t('quarantine'), [
    { name: 'at', label: t('when'), cell: (row) => time(row.at) }, { name: 'reason', label: t('reason'), cell: (row) => el('code', { text: row.reason }) },
    { name: 'topic', label: t('topic'), cell: (row) => said(row.topic) }, { name: 'detail', label: t('detail'), cell: (row) => said(row.detail) },
    { name: 'payload', label: t('payload'), cell: (row) => el('code', { dir: 'ltr', text: row.payload }) }
  ], [], { isQuiet: true });
  const none = el('p', { class: 'soft', text: t('quarantine-none') });
  quarantine.append(none, reasons.box, samples.box);
  const everything = table(t('all-metrics'), [{ name: 'name', label: t('metric'), cell: (row) => el('code', { text: row.name }) }, { name: 'value', label: t('value'), isNumber: true, cell: (row) => number(row.value, 4) }], [], { isQuiet: true });
  const all = el('details', {}, el('summary', { text: t('all-metrics') }), everything.box);
  main.append(el('div', { class: 'head' }, el('h1', { text: t('operations-title') })),
    el('section', { 'aria-label': t('rates') }, tiles), el('div', { class: 'two' }, tail(), health), quarantine, el('section', { class: 'card' }, all));

  let before = null;
  const figures = FIGURES.map((figure) => {
    const value = el('b', { text: '–' });
    tiles.append(el('li', { class: 'tile bare' }, el('span', {}, value, el('span', { class: 'name', text: t(figure.label) }))));
    return { figure, value };
  });

  async function look() {
    const [text, report] = await Promise.all([get('/metrics').catch(() => null), getIfAny('/api/operations').catch((error) => error)]);
    const isTold = report && !(report instanceof Error);
    if (text !== null) {
      const metrics = parse(text);
      if (isTold) metrics.push({ name: 'memory_bytes', labels: '', value: report.memory_bytes });
      const at = performance.now();
      for (const { figure, value } of figures) {
        const found = figure.read(metrics, before && before.metrics, before ? (at - before.at) / 1000 : 0);
        setText(value, found === null || found === undefined ? '–' : found);
      }
      before = { metrics, at };
      if (all.open) everything.update(metrics.filter((metric) => !metric.name.endsWith('_bucket')).map((metric) => ({ name: metric.name + metric.labels, value: metric.value })));
    }
    refused.hidden = Boolean(isTold);
    const state = isTold ? report.health : await get('/health/live').catch(() => null);
    if (state) drawChecks(state.checks);
    quarantine.hidden = !isTold;
    if (isTold) {
      const look = JSON.stringify([report.quarantine, report.samples]);
      if (quarantine.dataset.look === look) return;
      quarantine.dataset.look = look;
      none.hidden = report.quarantine.length > 0;
      reasons.box.hidden = samples.box.hidden = report.quarantine.length === 0;
      reasons.update(report.quarantine);
      samples.update(report.samples);
    }
  }

  function drawChecks(found) {
    const look = JSON.stringify(found);
    if (checks.dataset.look === look) return;
    checks.dataset.look = look;
    checks.replaceChildren(...found.map((check) => el('li', {},
      el('span', { class: 'row' }, el('strong', {}, said(check.name)), el('span', { class: 'sign', data: { state: check.ok ? 'well' : 'unwell' }, text: check.ok ? t('well') : t('unwell') })),
      el('p', { class: 'soft', dir: 'auto', text: check.detail }))));
  }

  await look();
  // Rates need two looks.
  setTimeout(look, 700);
  setInterval(() => { if (!document.hidden) look(); }, EVERY_MS);
}

/// Prometheus text: names, labels, values.
function parse(text) {
  const found = [];
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const parts = /^([a-zA-Z_:][\w:]*)(\{.*\})? (\S+)/.exec(line);
    if (parts) found.push({ name: parts[1], labels: parts[2] || '', value: Number(parts[3]) });
  }
  return found;
}

const sum = (metrics, name, label = '') => {
  const found = metrics.filter((metric) => metric.name === name && metric.labels.includes(label));
  return found.length === 0 ? null : found.reduce((total, metric) => total + metric.value, 0);
};
const rate = (name) => (metrics, before, seconds) => {
  const present = sum(metrics, name);
  return present === null || !before || seconds <= 0 ? null : number(Math.max(0, present - (sum(before, name) || 0)) / seconds);
};
const bytes = (value) => (value === null ? null : number(value / 1_048_576) + ' MiB');

/// The value below which that share of a histogram's records lie, in its own unit; of what came since `before`.
function quantile(metrics, before, name, share) {
  const of = (all) => new Map(all.filter((metric) => metric.name === name + '_bucket').map((metric) => [/le="([^"]+)"/.exec(metric.labels)?.[1], metric.value]));
  const present = of(metrics);
  const past = before ? of(before) : new Map();
  const counts = Array.from(present, ([edge, count]) => [edge === '+Inf' ? Infinity : Number(edge), count - (past.get(edge) || 0)]).sort((a, b) => a[0] - b[0]);
  const total = counts.length > 0 ? counts[counts.length - 1][1] : 0;
  if (total <= 0) return before ? quantile(metrics, null, name, share) : null;
  return counts.find(([, count]) => count >= total * share)[0];
}

const FIGURES = [
  { label: 'rate-readings', read: rate('sluice_mqtt_readings_total') },
  { label: 'rate-messages', read: rate('sluice_mqtt_messages_total') },
  { label: 'ring-fill', read: (metrics) => { const value = sum(metrics, 'sluice_mqtt_ring_fill_ratio'); return value === null ? null : percent(value, 1); } },
  { label: 'lag', read: (metrics, before) => { const value = quantile(metrics, before, 'sluice_mqtt_acknowledge_seconds', .99); return value === null || !Number.isFinite(value) ? null : number(value * 1000) + ' ms'; } },
  { label: 'commit-time', read: (metrics, before) => { const value = quantile(metrics, before, 'sluice_store_commit_seconds', .99); return value === null || !Number.isFinite(value) ? null : number(value * 1000) + ' ms'; } },
  { label: 'quarantine-total', read: (metrics) => { const value = sum(metrics, 'sluice_mqtt_quarantined_total'); return value === null ? null : number(value); } },
  { label: 'outbox', read: (metrics) => { const value = sum(metrics, 'sluice_outbox_pending'); return value === null ? null : number(value); } },
  { label: 'database', read: (metrics) => bytes(sum(metrics, 'sluice_store_bytes')) },
  { label: 'memory', read: (metrics) => bytes(sum(metrics, 'memory_bytes')) },
  { label: 'viewers', read: (metrics) => { const value = sum(metrics, 'sluice_http_event_streams'); return value === null ? null : number(value); } },
  { label: 'rate-http', read: rate('sluice_http_requests_total') }
];

/// Decisions as they come; what does not pass the filter is kept, so that a change of mind shows it.
function tail() {
  const lines = [];
  let isPaused = false;
  const filter = el('input', { type: 'search', id: 'tail-filter', value: param('tail'), on: { input: () => { setParams({ tail: filter.value.trim() }); redraw(); } } });
  const list = el('ol', { class: 'tail', tabindex: '0', 'aria-label': t('tail') });
  const waiting = el('p', { class: 'soft', text: t('tail-waiting') });
  const pause = el('button', { type: 'button', class: 'quiet', 'aria-pressed': 'false', text: t('tail-pause'), on: { click: () => {
    isPaused = !isPaused;
    pause.setAttribute('aria-pressed', String(isPaused));
    setText(pause, isPaused ? t('tail-go-on') : t('tail-pause'));
    if (!isPaused) redraw();
  } } });
  const passes = (decision) => {
    const words = filter.value.trim().toLowerCase();
    return !words || [decision.event, decision.sensor_id, decision.rule, decision.reason].some((text) => text && text.toLowerCase().includes(words));
  };
  const row = (decision) => el('li', {}, time(ms(decision.datetime)), el('code', { text: decision.event }), el('span', {},
    said(decision.reason), ' ', decision.sensor_id ? sensorLink(decision.sensor_id) : null, ' ', decision.service_request_id ? requestLink(decision.service_request_id) : null));
  function redraw() {
    list.replaceChildren(...lines.filter(passes).map(row));
    waiting.hidden = list.childElementCount > 0;
  }
  let pending = [];
  on('decision', (decision) => {
    lines.unshift(decision);
    lines.length = Math.min(lines.length, MOST_LINES);
    if (isPaused || !passes(decision)) return;
    if (pending.length === 0) requestAnimationFrame(() => {
      list.prepend(...pending.reverse().map(row));
      pending = [];
      while (list.childElementCount > MOST_LINES) list.lastElementChild.remove();
      waiting.hidden = true;
    });
    pending.push(decision);
  });
  return el('section', { class: 'card', 'aria-labelledby': 'tail-title' }, el('h2', { id: 'tail-title', text: t('tail') }),
    el('div', { class: 'row' }, el('label', { class: 'field', for: 'tail-filter' }, el('span', { text: t('tail-filter') }), filter), pause), waiting, list);
}
