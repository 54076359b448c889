// What scripts add to a site that works without them: suggestions under a search field, and a button that copies the
// address of a page. Both are marked in the page: `data-suggest="ADDRESS"` on a search form, `data-copy` on a button.

const pause = 150; // milliseconds without a key before suggestions are asked for

// A combobox with a list, as the ARIA Authoring Practices describe it: the focus stays in the field, arrows walk the list,
// Enter goes where the chosen option leads, Escape closes.
class Suggestions {
  #options = [];
  #chosen = -1;
  #asking = new AbortController();
  #timer = 0;

  constructor(form) {
    this.address = form.dataset.suggest;
    this.field = form.querySelector('input[type=search]');
    this.list = document.createElement('ul');
    this.list.className = 'suggestions';
    this.list.id = `${this.field.id}-suggestions`;
    this.list.hidden = true;
    for (const [name, value] of Object.entries({ role: 'listbox', 'aria-label': 'Suggestions' })) this.list.setAttribute(name, value);
    const combobox = { role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': this.list.id, autocomplete: 'off' };
    for (const [name, value] of Object.entries(combobox)) this.field.setAttribute(name, value);
    form.append(this.list);

    this.field.addEventListener('input', () => this.#soon());
    this.field.addEventListener('keydown', (event) => this.#key(event));
    this.field.addEventListener('blur', () => this.#show([]));
    this.list.addEventListener('pointerdown', (event) => event.preventDefault()); // the field keeps the focus
    this.list.addEventListener('click', (event) => this.#go(this.#options.find(({ item }) => item.contains(event.target))));
  }

  #soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(this.field.value.trim()), pause);
  }

  async #ask(words) {
    this.#asking.abort();
    this.#asking = new AbortController();
    if (!words) return this.#show([]);
    const answer = await fetch(`${this.address}?q=${encodeURIComponent(words)}`, { signal: this.#asking.signal }).catch(() => null);
    if (answer?.ok && document.activeElement === this.field) this.#show((await answer.json()).data);
  }

  #show(found) {
    this.#options = found.map(({ collection, id, label }, at) => {
      const item = document.createElement('li');
      item.id = `${this.list.id}-${at}`;
      item.setAttribute('role', 'option');
      item.setAttribute('aria-selected', 'false');
      const kind = document.createElement('span');
      kind.textContent = collection.replaceAll('-', ' ');
      item.append(label, kind);
      return { item, path: `${collection}/${id}` };
    });
    this.list.replaceChildren(...this.#options.map(({ item }) => item));
    this.list.hidden = found.length === 0;
    this.field.setAttribute('aria-expanded', String(found.length > 0));
    this.#choose(-1);
  }

  #choose(at) {
    this.#options[this.#chosen]?.item.setAttribute('aria-selected', 'false');
    this.#chosen = at;
    const { item } = this.#options[at] ?? {};
    item?.setAttribute('aria-selected', 'true');
    if (item) this.field.setAttribute('aria-activedescendant', item.id);
    else this.field.removeAttribute('aria-activedescendant');
  }

  #go(option) {
    if (option) location.assign(new URL(option.path, new URL(this.field.form.dataset.home, location.href)));
  }

  #key(event) {
    const last = this.#options.length - 1;
    const keys = {
      ArrowDown: () => this.#choose(this.#chosen < last ? this.#chosen + 1 : 0),
      ArrowUp: () => this.#choose(this.#chosen > 0 ? this.#chosen - 1 : last),
      Enter: () => this.#go(this.#options[this.#chosen]),
      Escape: () => this.#show([]),
    };
    if (last < 0 || !keys[event.key] || (event.key === 'Enter' && this.#chosen < 0)) return;
    event.preventDefault();
    keys[event.key]();
  }
}

function copyAddress(button) {
  const words = button.textContent;
  button.hidden = !navigator.clipboard;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(location.href);
    button.textContent = 'Copied';
    setTimeout(() => { button.textContent = words; }, 2000);
  });
}

for (const form of document.querySelectorAll('form[data-suggest]')) new Suggestions(form);
for (const button of document.querySelectorAll('button[data-copy]')) copyAddress(button);
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
