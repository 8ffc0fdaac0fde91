// Decisions as they come; what does not pass the filters is kept, so that a change of mind shows it.

import { get } from '/assets/core/api.js';
import { el, setText } from '/assets/core/dom.js';
import { param, setParams } from '/assets/core/address.js';
import { keyHeaders } from '/assets/core/key.js';
import { on } from '/assets/core/live.js';
import { requestLink, ruleName, sourceLink } from '/assets/core/names.js';
import { title } from '/assets/core/sentences.js';
import { t } from '/assets/core/strings.js';
import { ms, time } from '/assets/core/time.js';

const MOST_LINES = 300;
/// How far back the first lines come from: as far as it takes to have some.
const LOOKS_BACK_MS = [600_000, 7_200_000, 86_400_000];
const ENOUGH_LINES = 30;

export function tail() {
  const lines = [];
  let isPaused = false;
  let pending = [];
  const choice = (name, label) => el('select', { id: name, on: { change: (event) => { setParams({ [name]: event.target.value }); redraw(); } } }, el('option', { value: '', text: label }));
  const words = el('input', { type: 'search', id: 'tail-filter', value: param('tail'), on: { input: () => { setParams({ tail: words.value.trim() }); redraw(); } } });
  const event = choice('tail-event', t('any'));
  const rule = choice('tail-rule', t('any'));
  const list = el('ol', { class: 'tail', tabindex: '0', 'aria-label': t('tail') });
  const waiting = el('p', { class: 'soft', text: t('tail-waiting') });
  const pause = el('button', { type: 'button', class: 'quiet', 'aria-pressed': 'false', text: t('tail-pause'), on: { click: () => {
    isPaused = !isPaused;
    pause.setAttribute('aria-pressed', String(isPaused));
    setText(pause, isPaused ? t('tail-go-on') : t('tail-pause'));
    if (!isPaused) redraw();
  } } });
  // The choice grows with what has been heard; what the address asks for is there from the start.
  const offer = (select, value, text) => {
    if (value && !Array.from(select.options).some((option) => option.value === value)) select.append(el('option', { value, text, selected: param(select.id) === value }));
  };
  offer(event, param('tail-event'), param('tail-event'));
  offer(rule, param('tail-rule'), ruleName(param('tail-rule')));
  const passes = (decision) => {
    const wanted = words.value.trim().toLowerCase();
    return (!event.value || decision.event === event.value) && (!rule.value || decision.rule === rule.value)
      && (!wanted || [decision.event, decision.sensor_id, decision.rule, decision.reason].some((text) => text && text.toLowerCase().includes(wanted)));
  };
  const row = (decision) => el('li', { data: { event: decision.event } }, time(ms(decision.datetime)), el('code', { dir: 'ltr', text: decision.event }), el('span', {},
    title(decision.reason), ' ', decision.sensor_id ? sourceLink(decision.sensor_id, decision.rule) : null, ' ', decision.service_request_id ? requestLink(decision.service_request_id) : null));
  // The newest last, as in a terminal: nothing that is being read moves, and whoever is at the end stays there.
  const isAtEnd = () => list.scrollHeight - list.scrollTop - list.clientHeight < 24;
  const toEnd = () => { list.scrollTop = list.scrollHeight; };
  function redraw() {
    pending = [];
    list.replaceChildren(...lines.filter(passes).reverse().map(row));
    waiting.hidden = list.childElementCount > 0;
    toEnd();
  }
  function flush() {
    // Seldom, and in a frame by itself: what is in sight goes up by as much as is taken from above it.
    if (list.childElementCount >= 2 * MOST_LINES) {
      const { scrollHeight, scrollTop } = list;
      while (list.childElementCount > MOST_LINES) list.firstElementChild.remove();
      list.scrollTop = scrollTop - (scrollHeight - list.scrollHeight);
      return requestAnimationFrame(flush);
    }
    const follows = isAtEnd();
    list.append(...pending.map(row));
    pending = [];
    waiting.hidden = true;
    if (follows) toEnd();
  }
  on('decision', (decision) => {
    lines.unshift(decision);
    lines.length = Math.min(lines.length, MOST_LINES);
    offer(event, decision.event, decision.event);
    offer(rule, decision.rule, ruleName(decision.rule));
    if (isPaused || !passes(decision)) return;
    if (pending.length === 0) requestAnimationFrame(flush);
    pending.push(decision);
  });
  recent().then((former) => {
    const known = new Set(lines.map(sameness));
    lines.push(...former.filter((decision) => !known.has(sameness(decision))));
    lines.length = Math.min(lines.length, MOST_LINES);
    for (const decision of former) {
      offer(event, decision.event, decision.event);
      offer(rule, decision.rule, ruleName(decision.rule));
    }
    if (!isPaused) redraw();
  });
  const field = (control, label) => el('label', { class: 'field', for: control.id }, el('span', { text: label }), control);
  return el('section', { class: 'card', 'aria-labelledby': 'tail-title' }, el('h2', { id: 'tail-title', text: t('tail') }),
    el('div', { class: 'filters' }, field(words, t('tail-filter')), field(event, t('event')), field(rule, t('finding-rule')), pause), el('div', { class: 'tail-box' }, waiting, list));
}

/// What was decided before somebody looked, newest first; nothing where the daemon keeps no events.
async function recent() {
  let found = [];
  for (const since of LOOKS_BACK_MS) {
    const query = new URLSearchParams({ since_ms: since, limit: 5000, level: 'debug', where: 'event = request.* or event = incident.*' });
    const page = await get('/api/log?' + query, keyHeaders()).catch(() => null);
    if (page === null) break;
    found = page.lines.map((text) => JSON.parse(text)).reverse();
    if (found.length >= ENOUGH_LINES) break;
  }
  return found.slice(0, MOST_LINES).map((line) => ({
    event: line.event, datetime: line.time, sensor_id: line.sensor, rule: line.rule, reason: line.reason,
    service_request_id: line.request === undefined ? null : String(line.request)
  }));
}

const sameness = (decision) => [decision.event, ms(decision.datetime), decision.service_request_id, decision.rule].join('\n');
