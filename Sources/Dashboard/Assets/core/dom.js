// The only way into the document: elements with text. Nothing here, or anywhere, reads HTML from data.

const SVG = 'http://www.w3.org/2000/svg';

/// An element. `props`: `class`, `text`, `on` (events), `data` (data-…), any other name is an attribute; null and false leave it out.
export function el(tag, props, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'class') made.className = value;
    else if (name === 'text') made.textContent = value;
    else if (name === 'on') for (const [event, heard] of Object.entries(value)) made.addEventListener(event, heard);
    else if (name === 'data') Object.assign(made.dataset, value);
    else made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/// One of the shell's icons; for the eye alone.
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('focusable', 'false');
  const use = document.createElementNS(SVG, 'use');
  const known = document.getElementById('icon-' + name) ? name : 'other';
  use.setAttribute('href', '#icon-' + known);
  svg.append(use);
  return svg;
}

/// Text that a server or a sensor wrote: in its own direction, whatever the page's.
export function said(text, props) {
  return el('bdi', Object.assign({ text: text === null || text === undefined ? '' : String(text) }, props));
}

/// Sets text only when it changed: a live region must not say it again.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function byId(id) { return document.getElementById(id); }

/// Says something to screen readers.
export function announce(text) {
  const node = byId('announcer');
  node.textContent = '';
  requestAnimationFrame(() => { node.textContent = text; });
}

/// Loads one of the libraries that the server has, once. False when it has not.
const loading = new Map();
export function library(path) {
  if (!loading.has(path)) {
    loading.set(path, new Promise((done) => {
      const script = el('script', { src: path, on: { load: () => done(true), error: () => done(false) } });
      document.head.append(script);
    }));
  }
  return loading.get(path);
}

/// Calls `work` at most once in `ms`, and not while the page is hidden from view.
export function calmly(work, ms) {
  let timer = null;
  let last = -Infinity;
  const run = () => {
    timer = null;
    last = performance.now();
    requestAnimationFrame(work);
  };
  return () => {
    if (timer === null) timer = setTimeout(run, Math.max(0, ms - (performance.now() - last)));
  };
}
