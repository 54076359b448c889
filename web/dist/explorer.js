// What scripts add to the explorer of the API, whose forms lead to the answers of operations that read: every operation is
// sent from the page, with the token that is in its field and nowhere else, and the answer is shown below the form, as text.

const most = 100_000; // characters of an answer that are shown

const page = document.querySelector('[data-explorer]');
const token = page.querySelector('#token');

// What was filled in and goes to one place: [name, value].
const filled = (form, where) =>
  [...form.querySelectorAll(`[data-where=${where}]`)].filter(({ value }) => value !== '').map(({ name, value }) => [name, value]);

function requestOf(form) {
  const { method, path } = form.dataset;
  const place = filled(form, 'path').reduce((text, [name, value]) => text.replace(name, () => encodeURIComponent(value)), path);
  const query = new URLSearchParams(filled(form, 'query')).toString();
  const headers = new Headers(filled(form, 'header'));
  const body = form.querySelector('[data-body]')?.value;
  if (body !== undefined) headers.set('Content-Type', form.querySelector('[data-type]').value);
  if (token.value.trim()) headers.set('Authorization', `Bearer ${token.value.trim()}`);
  return [query ? `${place}?${query}` : place, { method, headers, body, cache: 'no-store', credentials: 'omit' }];
}

// The beginning of a body; what does not end by itself is not waited for.
async function beginningOf(response) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (let next = await reader?.read(); next && !next.done; next = await reader.read()) {
    text += next.value;
    if (text.length <= most) continue;
    await reader.cancel();
    return `${text.slice(0, most)}\n… and more`;
  }
  return text;
}

function readable(text, type) {
  try {
    return /json$/.test(type.split(';')[0]) ? JSON.stringify(JSON.parse(text), null, 2) : text;
  } catch {
    return text; // its beginning only
  }
}

class Outcome {
  constructor(form) {
    this.said = document.createElement('p');
    this.said.setAttribute('role', 'status');
    this.headers = this.#block('Headers of the answer');
    this.body = this.#block('Body of the answer');
    form.after(this.said, this.headers, this.body);
  }

  #block(name) {
    const block = document.createElement('pre');
    block.tabIndex = 0;
    block.setAttribute('role', 'region');
    block.setAttribute('aria-label', name);
    block.hidden = true;
    return block;
  }

  show(said, headers = '', body = '') {
    this.said.textContent = said;
    for (const [block, text] of [[this.headers, headers], [this.body, body]]) {
      block.textContent = text;
      block.hidden = text === '';
    }
  }
}

async function send(form, outcome) {
  outcome.show('Sending …');
  try {
    const [address, options] = requestOf(form);
    const response = await fetch(address, options);
    const text = await beginningOf(response);
    const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
    outcome.show(`${response.status} ${response.statusText} to ${options.method} ${address}`, headers,
      readable(text, response.headers.get('content-type') ?? ''));
  } catch (error) {
    outcome.show(`There was no answer: ${error.message}`);
  }
}

for (const part of page.querySelectorAll('[data-scripted]')) part.hidden = false;
for (const part of page.querySelectorAll('[data-unscripted]')) part.hidden = true;
for (const form of page.querySelectorAll('form.try')) {
  const outcome = new Outcome(form);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    send(form, outcome);
  });
}
