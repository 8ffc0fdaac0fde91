// The list beside the map: a card a request. Cards are kept, so that focus survives updates.

import { el, said, setText } from '/assets/core/dom.js';
import { href } from '/assets/core/address.js';
import { placeOf, serviceName, severity } from '/assets/core/names.js';
import { telling, title } from '/assets/core/sentences.js';
import { english, t } from '/assets/core/strings.js';
import { time } from '/assets/core/time.js';

const PAGE = 40;

/// The server cuts what is longer than this. A sentence that was cut is not known for what it says, in no language.
const MOST_CHARACTERS = 280;
const whole = (text) => (text.length < MOST_CHARACTERS ? text : text.slice(0, text.lastIndexOf('. ', MOST_CHARACTERS) + 1) || text);

export class RequestList {
  constructor() {
    this.cards = new Map();
    this.shown = PAGE;
    this.services = [];
    // Cards without words until the first answer is there, so that nothing shifts when it comes.
    this.list = el('ol', { class: 'list', 'aria-busy': 'true' }, Array.from({ length: 3 }, () => el('li', { class: 'request placeholder' })));
    this.empty = el('p', { class: 'empty', hidden: true });
    this.more = el('button', { type: 'button', class: 'quiet more', text: t('show-more'), hidden: true, on: { click: () => {
      this.shown += PAGE;
      this.draw(this.rows, [], this.isAll);
    } } });
    this.box = el('div', { class: 'stack' }, this.empty, this.list, this.more);
  }

  draw(rows, fresh, isAll) {
    this.rows = rows;
    this.isAll = isAll;
    if (this.list.hasAttribute('aria-busy')) {
      this.list.removeAttribute('aria-busy');
      this.list.replaceChildren();
    }
    const visible = rows.slice(0, this.shown);
    const focused = document.activeElement && document.activeElement.closest('.request');
    const wanted = new Set(visible.map((row) => row.id));
    for (const [id, card] of this.cards) {
      if (!wanted.has(id)) { card.node.remove(); this.cards.delete(id); }
    }
    const isFresh = new Set(fresh.map((row) => row.id));
    visible.forEach((row, place) => {
      const look = [row.title, row.severity, row.status, row.address, row.text, this.services.length].join('\n');
      let card = this.cards.get(row.id);
      if (!card || card.look !== look) {
        const node = this.card(row);
        if (isFresh.has(row.id)) node.classList.add('fresh');
        if (card) card.node.replaceWith(node);
        card = { node, look };
        this.cards.set(row.id, card);
      }
      if (this.list.children[place] !== card.node) this.list.insertBefore(card.node, this.list.children[place] || null);
    });
    if (focused && !focused.isConnected && this.cards.has(focused.dataset.id)) {
      this.cards.get(focused.dataset.id).node.querySelector('a').focus({ preventScroll: true });
    }
    this.more.hidden = rows.length <= this.shown;
    this.empty.hidden = rows.length > 0;
    setText(this.empty, isAll ? t('nothing-open') : t('nothing-found'));
  }

  card(row) {
    const service = this.services.find((service) => service.service_code === row.service_code);
    // What stands on every card says nothing on any, and a street is named once.
    const text = whole((row.text || '').split('\n')[0]).replace(english('city-automatic'), '').trim();
    const place = placeOf(row.address, row.ward);
    return el('li', { class: 'request', data: { service: row.service_code, id: row.id } },
      el('p', { class: 'kind' }, severity(row.severity),
        el('span', { class: 'service', text: serviceName(service || { service_code: row.service_code }) }),
        row.status === 'closed' ? el('span', { text: t('status-closed') }) : null,
        el('span', { class: 'number', text: '#' + row.id })),
      el('h3', {}, el('a', { href: href('/request', { id: row.id }) }, title(row.title || row.service_code))),
      el('p', { class: 'where' }, place && !(row.title || '').includes(place) ? said(place) : null, row.status === 'closed' ? time(row.updated, 'closed-ago') : time(row.since, 'since')),
      text ? telling('p', { class: 'text' }, text) : null);
  }
}
