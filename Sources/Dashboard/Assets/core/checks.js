// The daemon's health lines in the viewer's language.
//
// A line is of parts with semicolons between; the catalogue has each under `told-…`, and what no catalogue can know, the reason that
// somebody else gave, stands behind a colon and stays as it is.

import { el, said } from './dom.js';
import { english, keysFrom, number, t } from './strings.js';

let parts = null;

/// What is checked: "broker:main" is the broker called main.
export function checkName(name) {
  const [kind, ...rest] = name.split(':');
  return keysFrom('check-').includes('check-' + kind) ? t('check-' + kind, { name: rest.join(':') }) : name;
}

/// How it is. What the catalogue lacks is said as the daemon says it.
export function checkDetail(detail) { return detail.split('; ').map((part) => told(part) ?? part).join('; '); }

export function checkLine(check) {
  const words = checkDetail(check.detail);
  return [
    el('span', { class: 'row' }, el('strong', {}, said(checkName(check.name))),
      el('span', { class: 'sign', data: { state: check.ok ? 'well' : 'unwell' }, text: check.ok ? t('well') : t('unwell') })),
    el('p', { class: 'soft', dir: words === check.detail ? 'auto' : null, text: words })];
}

function told(part) {
  parts = parts || keysFrom('told-').map((key) => ({ key, pattern: new RegExp('^' + english(key).replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace('{n}', '(\\d+)') + '$') }));
  for (const { key, pattern } of parts) {
    const found = pattern.exec(part);
    if (found) return t(key, { n: found[1] === undefined ? '' : number(Number(found[1])) });
  }
  for (let end = part.indexOf(': '); end > 0; end = part.indexOf(': ', end + 1)) {
    const words = told(part.slice(0, end));
    if (words !== null) return words + ': ' + (told(part.slice(end + 2)) ?? part.slice(end + 2));
  }
  return null;
}
