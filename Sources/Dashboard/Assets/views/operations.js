// For the night shift: rates, health, the outbox, the quarantine, and decisions as they are made.

import { Refusal, get } from '/assets/core/api.js';
import { el, said, setText } from '/assets/core/dom.js';
import { checkLine } from '/assets/core/checks.js';
import { keepKey, keyHeaders } from '/assets/core/key.js';
import { table } from '/assets/core/table.js';
import { number, t } from '/assets/core/strings.js';
import { span, time } from '/assets/core/time.js';
import { FIGURES, byLabel, parse } from './operations-figures.js';
import { tail } from './operations-tail.js';

const EVERY_MS = 2000;
const code = (text) => el('code', { dir: 'ltr', text });

export async function show(main) {
  main.append(el('div', { class: 'head' }, el('h1', { text: t('operations-title') })));
  const answer = await ask();
  if (answer instanceof Refusal && answer.status === 403) return askForKey(main);
  const tiles = el('ul', { class: 'tiles twelve' });
  const health = el('section', { class: 'card', 'aria-labelledby': 'health-title' }, el('h2', { id: 'health-title', text: t('health') }));
  const trouble = el('p', { class: 'trouble', hidden: true, text: t('no-answer-again') });
  const checks = el('ul', { class: 'stack' });
  health.append(trouble, checks);
  const quarantine = quarantineCard();
  const outbox = outboxCard();
  const everything = table(t('all-metrics'), [
    { name: 'name', label: t('metric'), cell: (row) => code(row.name) }, { name: 'value', label: t('value'), isNumber: true, cell: (row) => number(row.value, 4) }
  ], [], { isQuiet: true });
  const all = el('details', {}, el('summary', { text: t('all-metrics') }), everything.box);
  // What is known already takes its room from the start.
  if (!(answer instanceof Error)) drawReport(answer);
  main.append(el('section', { 'aria-label': t('rates') }, tiles), el('div', { class: 'two' }, tail(), health), quarantine.box, outbox.box, el('section', { class: 'card' }, all));

  let before = null;
  const figures = FIGURES.map((figure) => {
    const value = el('b', { text: '–' });
    tiles.append(el('li', { class: 'tile bare' }, el('span', {}, value, el('span', { class: 'name', text: t(figure.label) }))));
    return { figure, value };
  });

  async function look() {
    const [text, report] = await Promise.all([get('/metrics').catch(() => null), ask()]);
    const isTold = !(report instanceof Error);
    trouble.hidden = isTold && text !== null;
    if (text !== null) {
      const metrics = parse(text);
      if (isTold) metrics.push({ name: 'memory_bytes', labels: '', value: report.memory_bytes });
      const at = performance.now();
      for (const { figure, value } of figures) {
        const found = figure.read(metrics, before && before.metrics, before ? (at - before.at) / 1000 : 0);
        setText(value, found === null || found === undefined ? '–' : found);
      }
      outbox.set(metrics);
      before = { metrics, at };
      if (all.open) everything.update(metrics.filter((metric) => !metric.name.endsWith('_bucket')).map((metric) => ({ name: metric.name + metric.labels, value: metric.value })));
    }
    if (isTold) drawReport(report);
  }

  function drawReport(report) {
    drawChecks(report.health.checks);
    quarantine.set(report);
  }

  function drawChecks(found) {
    const look = JSON.stringify(found);
    if (checks.dataset.look === look) return;
    checks.dataset.look = look;
    checks.replaceChildren(...found.map((check) => el('li', {}, checkLine(check))));
  }

  await look();
  // Rates need two looks.
  setTimeout(look, 700);
  setInterval(() => { if (!document.hidden) look(); }, EVERY_MS);
}

/// What the server says of itself, with the key of this tab if there is one; an error in place of an answer.
function ask() {
  return get('/api/operations', keyHeaders()).catch((error) => error);
}

/// Not from this machine: somebody who may administer has a key.
function askForKey(main) {
  const key = el('input', { id: 'operations-key', type: 'password', autocomplete: 'off', required: true });
  const outcome = el('p', { role: 'alert' });
  main.append(el('form', { class: 'card form', on: { submit: async (event) => {
    event.preventDefault();
    keepKey(key.value.trim());
    const answer = await ask();
    if (answer instanceof Error) {
      outcome.className = 'trouble';
      setText(outcome, t('failed', { reason: answer.message }));
      return key.focus();
    }
    main.replaceChildren();
    await show(main);
    main.focus();
  } } },
  el('p', { text: t('operations-refused') }),
  el('label', { class: 'field', for: 'operations-key' }, el('span', { text: t('verdict-key') }), key, el('i', { text: t('verdict-key-hint') })),
  outcome, el('p', {}, el('button', { class: 'go', text: t('request-show') }))));
}

function quarantineCard() {
  const reasons = table(t('quarantine-reasons'), [
    { name: 'reason', label: t('reason'), cell: (row) => code(row.reason) }, { name: 'count', label: t('count'), isNumber: true, cell: (row) => number(row.count) }
  ], [], { isQuiet: true });
  const samples = table(t('quarantine-samples'), [
    { name: 'at', label: t('when'), cell: (row) => time(row.at) }, { name: 'reason', label: t('reason'), cell: (row) => code(row.reason) },
    { name: 'topic', label: t('topic'), cell: (row) => said(row.topic) }, { name: 'detail', label: t('detail'), cell: (row) => said(row.detail) },
    { name: 'payload', label: t('payload'), cell: (row) => code(row.payload) }
  ], []);
  const none = el('p', { class: 'soft', text: t('quarantine-none') });
  const both = el('div', { class: 'two narrow-first', hidden: true }, reasons.box, samples.box);
  const box = el('section', { class: 'card', id: 'quarantine', 'aria-labelledby': 'quarantine-title' }, el('h2', { id: 'quarantine-title', text: t('quarantine') }), none, both);
  let shown = '';
  return {
    box,
    set(report) {
      const look = JSON.stringify([report.quarantine, report.samples]);
      if (shown === look) return;
      shown = look;
      none.hidden = report.quarantine.length > 0;
      both.hidden = report.quarantine.length === 0;
      reasons.update(report.quarantine);
      samples.update(report.samples);
    }
  };
}

/// What other systems are still to be told, a line a destination.
function outboxCard() {
  const destinations = table(t('outbox'), [
    { name: 'destination', label: t('destination'), cell: (row) => said(row.destination) },
    { name: 'up', label: t('sensor-state'), cell: (row) => el('span', { class: 'sign', data: { state: row.up ? 'well' : 'unwell' }, text: row.up ? t('well') : t('unwell') }) },
    { name: 'queued', label: t('outbox-waiting'), isNumber: true, cell: (row) => number(row.queued) },
    { name: 'oldest', label: t('outbox-oldest'), cell: (row) => (row.queued > 0 && row.oldest_seconds > 0 ? span(row.oldest_seconds * 1000) : null) },
    { name: 'dead', label: t('outbox-dead'), isNumber: true, cell: (row) => number(row.dead) },
    { name: 'delivered', label: t('outbox-delivered'), isNumber: true, cell: (row) => number(row.delivered_total) }
  ], [], { isQuiet: true });
  const none = el('p', { class: 'soft', text: t('outbox-none') });
  const box = el('section', { class: 'card', id: 'outbox', 'aria-labelledby': 'outbox-title' }, el('h2', { id: 'outbox-title', text: t('outbox') }), none, destinations.box);
  let shown = null;
  return {
    box,
    set(metrics) {
      const rows = byLabel(metrics, 'sluice_forward_', 'destination');
      const look = JSON.stringify(rows);
      if (shown === look) return;
      shown = look;
      none.hidden = rows.length > 0;
      destinations.box.hidden = rows.length === 0;
      destinations.update(rows);
    }
  };
}
