// Pages of the site: their links and texts, and a walk over all that can be reached.
import assert from 'node:assert/strict';

export const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

// What browsers make of the entities that the site writes.
export const plain = (text) => text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&#39;/g, "'").replace(/&amp;/g, '&');
export const linksOf = (page) => [...page.matchAll(/ (?:href|src|action)="([^"]*)"/g)].map(([, address]) => plain(address));
export const textOf = (page) => plain(page.replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ');

// All that can be reached from a page, by links within the site: path -> HTML. Sorted and later pages of lists are left out.
export async function walk(origin, from) {
  const seen = new Map([[from, 'the beginning']]), pages = new Map(), dead = [];
  for (const [path, by] of seen) {
    const response = await fetch(origin + path, { headers: html, redirect: 'manual' }), text = await response.text();
    if (response.status !== 200) dead.push(`${path} (${response.status}), from ${by}`);
    if (!/^text\/html/.test(response.headers.get('content-type'))) continue;
    pages.set(path, text);
    for (const link of linksOf(text)) {
      const { origin: to, pathname, search } = new URL(link, origin + path);
      if (to === origin && !seen.has(pathname + search) && !/[?&](sort|cursor|before)=/.test(search)) seen.set(pathname + search, path);
    }
  }
  assert.deepEqual(dead, []);
  return pages;
}
