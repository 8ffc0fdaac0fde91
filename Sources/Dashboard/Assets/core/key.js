// The key of somebody on the staff. It stays in this tab and goes with it.

const KEPT = 'sluice.key';

export function keptKey() { try { return sessionStorage.getItem(KEPT) || ''; } catch { return ''; } }

export function keepKey(value) { try { sessionStorage.setItem(KEPT, value); } catch { /* then it is typed again */ } }

/// For questions that not everyone may ask: nothing, where there is no key.
export function keyHeaders() { return keptKey() ? { Authorization: 'Bearer ' + keptKey() } : {}; }
