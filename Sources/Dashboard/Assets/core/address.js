// The address holds what is chosen: any view can be shared, and is found again as it was.

const listeners = new Set();

export function param(name) { return new URLSearchParams(location.search).get(name) || ''; }

/// Sets parameters in place; an empty value takes one away.
export function setParams(changes) {
  const params = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === '' || value === null || value === undefined) params.delete(name);
    else params.set(name, value);
  }
  const query = params.toString();
  history.replaceState(null, '', location.pathname + (query ? '?' + query : '') + location.hash);
  for (const listener of listeners) listener();
}

export function onChange(listener) { listeners.add(listener); }

/// An address on this site, with the language that the present one names.
export function href(path, params = {}) {
  const all = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) if (value !== '' && value !== null && value !== undefined) all.set(name, value);
  const lang = param('lang');
  if (lang) all.set('lang', lang);
  const query = all.toString();
  return path + (query ? '?' + query : '');
}
