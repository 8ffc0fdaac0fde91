// Tables, and their data as a file.

import { el, setText } from './dom.js';
import { t } from './strings.js';

/// `columns`: { name, label, cell(row) → node or text, value(row) → for the file, isNumber }. With `isCards` a row becomes a card
/// where the columns don't fit beside each other; what needs no label there `isBare`, and what takes a line of its own `isLine`.
export function table(caption, columns, rows, { isQuiet = false, isCards = false, isRoomy = false } = {}) {
  // A table that is laid out as something else is no table any more for some screen readers, unless it says so.
  const role = (name) => (isCards ? name : null);
  const body = el('tbody', { role: role('rowgroup') });
  const made = el('table', { role: role('table') },
    el('caption', { class: isQuiet ? 'visually-hidden' : '', text: caption }),
    el('thead', { role: role('rowgroup') }, el('tr', { role: role('row') }, columns.map((column) =>
      el('th', { scope: 'col', role: role('columnheader'), class: column.isNumber ? 'number' : '', text: column.label })))),
    body);
  const box = el('div', { class: 'table' + (isCards ? ' cards' : '') + (isRoomy ? ' roomy' : ''), role: 'region', tabindex: '0', 'aria-label': caption }, made);
  const update = (rows) => body.replaceChildren(...rows.map((row) => el('tr', { role: role('row') }, columns.map((column, place) => {
    const cell = column.cell ? column.cell(row) : row[column.name];
    const isNone = cell === null || cell === undefined || cell === '' || cell === '–';
    const kind = [column.isNumber && 'number', isCards && isNone && 'none', isCards && column.isLine && 'line'].filter(Boolean).join(' ');
    return el(place === 0 ? 'th' : 'td', { scope: place === 0 ? 'row' : null, role: role(place === 0 ? 'rowheader' : 'cell'), class: kind || null, data: isCards && place > 0 && !column.isBare ? { label: column.label } : null }, isNone ? '–' : cell);
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
