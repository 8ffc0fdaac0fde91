// What staff say of a request. Their key stays in this tab.

import { post } from '/assets/core/api.js';
import { el, setText } from '/assets/core/dom.js';
import { keepKey, keptKey } from '/assets/core/key.js';
import { t } from '/assets/core/strings.js';

const WORDS = { 'confirmed': 'confirmed', 'false-alarm': 'false_alarm', 'fixed': 'fixed' };

export function verdict(request, reload) {
  const key = el('input', { id: 'verdict-key', type: 'password', autocomplete: 'off', value: keptKey(), required: true });
  const words = el('textarea', { id: 'verdict-words', rows: '2' });
  const outcome = el('p', { role: 'status' });
  const buttons = Object.keys(WORDS).map((word) => el('button', { type: 'button', class: 'quiet', text: t('verdict-do-' + word), on: { click: () => give(word) } }));

  async function give(word) {
    if (!key.reportValidity()) return;
    keepKey(key.value);
    buttons.forEach((button) => { button.disabled = true; });
    try {
      await post('/open311/v2/servicerequestupdates.json', new URLSearchParams({
        api_key: key.value, service_request_id: request.service_request_id, updated_datetime: new Date().toISOString().replace(/\.\d+Z/, 'Z'),
        update_id: crypto.randomUUID(), verdict: WORDS[word], status: word === 'confirmed' ? 'INVESTIGATING' : word === 'fixed' ? 'FIXED' : 'NO_FURTHER_ACTION', description: words.value.trim()
      }));
      outcome.className = 'done';
      setText(outcome, t('verdict-done', { verdict: t('verdict-' + WORDS[word]) }));
      words.value = '';
      await reload();
    } catch (error) {
      outcome.className = 'trouble';
      setText(outcome, t('failed', { reason: error.message }));
    }
    buttons.forEach((button) => { button.disabled = false; });
  }

  return el('section', { class: 'card' }, el('details', {}, el('summary', { text: t('verdict-give') }),
    el('form', { class: 'form', on: { submit: (event) => event.preventDefault() } },
      el('label', { class: 'field', for: 'verdict-key' }, el('span', { text: t('verdict-key') }), key, el('i', { text: t('verdict-key-hint') })),
      el('label', { class: 'field', for: 'verdict-words' }, el('span', { text: t('verdict-words') }), words),
      el('div', { class: 'row' }, buttons), outcome)));
}
