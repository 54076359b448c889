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
