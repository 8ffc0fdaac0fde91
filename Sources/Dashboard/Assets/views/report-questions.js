// What a service asks of those who report: its GeoReport definition as a form.

import { getIfAny } from '/assets/core/api.js';
import { el, said } from '/assets/core/dom.js';
import { t } from '/assets/core/strings.js';

export class Questions {
  constructor() {
    this.box = el('div', { class: 'form', hidden: true });
    this.asked = '';
    this.questions = [];
  }

  async ask(service) {
    if (service === this.asked) return;
    this.asked = service;
    const definition = await getIfAny('/open311/v2/services/' + encodeURIComponent(service) + '.json').catch(() => null);
    if (service !== this.asked) return;
    const attributes = ((definition && definition.attributes) || []).sort((a, b) => (a.order || 0) - (b.order || 0));
    this.questions = attributes.filter((attribute) => attribute.variable !== false);
    this.box.hidden = attributes.length === 0;
    // What is not variable is only to be read.
    this.box.replaceChildren(...attributes.map((attribute) => (attribute.variable === false
      ? el('p', { class: 'notice', data: { code: attribute.code } }, said(attribute.description || attribute.code)) : this.field(attribute))));
  }

  field(question) {
    const id = 'question-' + question.code;
    const name = 'attribute[' + question.code + ']';
    const hint = question.datatype_description && question.datatype_description !== question.description ? ' · ' + question.datatype_description : '';
    const label = [said(question.description || question.code), el('i', { text: ' ' + (question.required ? t('required') : t('optional')) + hint })];
    if (question.datatype === 'multivaluelist') {
      return el('fieldset', { data: { code: question.code } }, el('legend', {}, label), (question.values || []).map((value) =>
        el('label', {}, el('input', { type: 'checkbox', name: name + '[]', value: value.key }), said(value.name))));
    }
    const control = question.datatype === 'singlevaluelist'
      ? el('select', { id, name }, el('option', { value: '', text: '–' }), (question.values || []).map((value) => el('option', { value: value.key, text: value.name })))
      : question.datatype === 'text' ? el('textarea', { id, name, rows: '3' })
        : el('input', { id, name, type: question.datatype === 'datetime' ? 'datetime-local' : 'text', inputmode: question.datatype === 'number' ? 'decimal' : null });
    return el('label', { class: 'field', for: id }, el('span', {}, label), control);
  }

  /// The first question that needs an answer and has none, as its control; or null.
  missing() {
    for (const question of this.questions.filter((question) => question.required)) {
      const controls = Array.from(this.box.querySelectorAll('[name^="attribute[' + CSS.escape(question.code) + ']"]'));
      if (!controls.some((control) => (control.type === 'checkbox' ? control.checked : control.value.trim() !== ''))) return controls[0] || null;
    }
    return null;
  }

  addTo(body) {
    for (const control of this.box.querySelectorAll('[name]')) {
      if (control.type === 'checkbox' ? !control.checked : control.value.trim() === '') continue;
      const value = control.type === 'datetime-local' ? new Date(control.value).toISOString() : control.value.trim();
      body.append(control.name, value);
    }
  }
}
