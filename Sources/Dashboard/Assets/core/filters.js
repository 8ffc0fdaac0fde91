// Filters as native controls. What is chosen stands in the address, and only what differs from the usual.

import { el } from './dom.js';
import { param, setParams } from './address.js';
import { t } from './strings.js';

/// `fields`: { name, label, usual, options: [[value, text]] }. `changed` is told after each choice. `beside`: what else of the address
/// filters the view, by controls of its own; it is cleared with the rest.
export function filters(fields, changed, beside = []) {
  const selects = new Map();
  const box = el('form', { class: 'filters', role: 'search', 'aria-label': t('filters'), on: { submit: (event) => event.preventDefault() } });
  const clear = el('button', { type: 'button', class: 'plain', text: t('clear-filters'), on: { click: () => {
    setParams(Object.fromEntries([...fields.map((field) => field.name), ...beside].map((name) => [name, ''])));
    fields.forEach((field) => { selects.get(field.name).value = field.usual || ''; });
    tell();
    selects.get(fields[0].name).focus();
  } } });
  function look() { clear.classList.toggle('away', isUsual()); }
  function tell() {
    look();
    changed(chosen());
  }
  for (const field of fields) {
    const select = el('select', { id: 'filter-' + field.name, on: { change: () => {
      setParams({ [field.name]: select.value === (field.usual || '') ? '' : select.value });
      tell();
    } } });
    selects.set(field.name, select);
    fill(field.name, field.options);
    box.append(el('label', { class: 'field', for: select.id }, el('span', { text: field.label }), select));
  }
  box.append(clear);
  look();

  /// An address may also name what would be chosen without it.
  function isUsual() { return beside.every((name) => !param(name)) && fields.every((field) => !param(field.name) || param(field.name) === field.usual); }

  function fill(name, options) {
    const field = fields.find((field) => field.name === name);
    const select = selects.get(name);
    const value = param(name) || field.usual || '';
    const known = options.some(([option]) => option === value) ? options : [...options, [value, value]];
    select.replaceChildren(...known.map(([option, text]) => el('option', { value: option, text, selected: option === value })));
  }

  function chosen() {
    return Object.fromEntries(fields.map((field) => [field.name, param(field.name) || field.usual || '']));
  }

  return { box, chosen, fill, look, set(name, value) { selects.get(name).value = value; selects.get(name).dispatchEvent(new Event('change')); } };
}

export function timeFrames(days) {
  return days.map((n) => [String(n), t('days', { n })]);
}
