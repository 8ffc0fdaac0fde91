// Tables, and their data as a file.

import { el, setText } from './dom.js';
import { t } from './strings.js';

/// `columns`: { name, label, cell(row) → node or text, value(row) → for the file, isNumber }.
export function table(caption, columns, rows, { isQuiet = false, isTight = false } = {}) {
  const body = el('tbody');
  const made = el('table', {},
    el('caption', { class: isQuiet ? 'visually-hidden' : '', text: caption }),
    el('thead', {}, el('tr', {}, columns.map((column) =>
      el('th', { scope: 'col', class: column.isNumber ? 'number' : '', text: column.label })))),
    body);
  const box = el('div', { class: isTight ? 'table tight' : 'table', role: 'region', tabindex: '0', 'aria-label': caption }, made);
  const update = (rows) => body.replaceChildren(...rows.map((row) => el('tr', {}, columns.map((column, place) => {
    const cell = column.cell ? column.cell(row) : row[column.name];
    const content = cell === null || cell === undefined || cell === '' ? '–' : cell;
    return el(place === 0 ? 'th' : 'td', { scope: place === 0 ? 'row' : null, class: column.isNumber ? 'number' : '' }, content);
  }))));
  update(rows);
  return { box, update };
}

/// A button that hands over the rows as a file.
export function download(name, columns, rows) {
  return el('button', { type: 'button', class: 'plain', text: t('download'), on: { click: () => {
    const lines = [columns.map((column) => column.name), ...rows().map((row) => columns.map((column) => value(column, row)))];
    const text = lines.map((line) => line.map(field).join(',')).join('\r\n') + '\r\n';
    const link = el('a', { href: URL.createObjectURL(new Blob([text], { type: 'text/csv' })), download: name + '.csv' });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  } } });
}

function value(column, row) { return column.value ? column.value(row) : row[column.name]; }

/// As RFC 4180 has it; and no spreadsheet takes what a sensor is called for a formula.
function field(value) {
  if (value === null || value === undefined) return '';
  let text = String(value);
  if (typeof value === 'string' && /^[=+\-@\t\r]/.test(text)) text = "'" + text;
  return /[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
}

/// A line that says how much of all is shown.
export function note(node, text) { setText(node, text); }
