// What a page does beyond HTML: NHS components, drafts saved as they are typed, forms sent once. All of it optional.
import { initAll } from "./nhsuk/nhsuk-frontend-10.6.1.min.js";

// A radio may not carry aria-expanded, which the component would set. Our styles show what a choice reveals.
if (CSS.supports("selector(:has(*))"))
  document.querySelectorAll('input[type="radio"][data-aria-controls]').forEach((radio) => radio.removeAttribute("data-aria-controls"));

initAll();

/* ---- on a phone filters are folded away, unless one is set ---- */

if (matchMedia("(max-width: 61.865em)").matches)
  document.querySelectorAll("details.sp-filters:not([data-used])").forEach((filters) => (filters.open = false));

/* ---- a form is sent once ---- */

const RELEASE_AFTER_MS = 15000; // a file download answers without leaving the page

function release(form) {
  delete form.dataset.sending;
  form.querySelectorAll("button[data-sent]").forEach((button) => {
    button.removeAttribute("aria-disabled");
    delete button.dataset.sent;
  });
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = "yes";
  const button = event.submitter;
  if (button) {
    button.setAttribute("aria-disabled", "true");
    button.dataset.sent = "yes";
  }
  setTimeout(() => release(form), RELEASE_AFTER_MS);
});

window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sending]").forEach(release));

document.addEventListener("click", (event) => {
  const refused = event.target.closest('button[aria-disabled="true"]');
  if (refused && !refused.dataset.sent) event.preventDefault();
});

/* ---- today and yesterday, to tap instead of to type ---- */

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-fills]");
  if (!button) return;
  const [year, month, day] = button.dataset.day.split("-").map(Number);
  for (const [part, value] of Object.entries({ day, month, year })) {
    const input = document.getElementById(`${button.dataset.fills}-${part}`);
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true })); // the draft is saved, as if it had been typed
  }
  const time = document.getElementById(`${button.dataset.fills}-time`);
  if (time && !time.value) time.focus();
});

/* ---- drafts ---- */

const PAUSE_MS = 1500;
const RETRY_MS = 10000;

class Autosave {
  constructor(form) {
    this.form = form;
    this.status = form.querySelector("[data-autosave-status]");
    this.saved = this.snapshot();
    this.timer = null;
    this.busy = false;
    this.stopped = false;
    form.addEventListener("input", () => this.later(PAUSE_MS));
    form.addEventListener("change", () => this.later(PAUSE_MS));
    form.addEventListener("submit", () => this.stop());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.save(true);
    });
    window.addEventListener("pageshow", () => (this.stopped = false));
  }

  data() {
    const data = new FormData(this.form);
    for (const [name, value] of [...data.entries()]) if (value instanceof File) data.delete(name);
    return data;
  }

  snapshot() {
    return new URLSearchParams(this.data()).toString();
  }

  say(text) {
    if (this.status && this.status.textContent !== text) this.status.textContent = text;
  }

  later(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), wait);
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  async save(leaving = false) {
    const now = this.snapshot();
    if (this.stopped || now === this.saved) return;
    if (this.busy && !leaving) return this.later(PAUSE_MS);
    this.busy = true;
    try {
      const response = await fetch(this.form.dataset.autosaveUrl, {
        method: "POST",
        body: this.data(),
        headers: { "X-Autosave": "1", Accept: "application/json" },
        credentials: "same-origin",
        redirect: "manual",
        keepalive: leaving && now.length < 60000,
      });
      if (response.ok) this.done(now, response.status === 204 ? {} : await response.json());
      else if (response.type === "opaqueredirect" || [401, 403].includes(response.status))
        this.say("Not saved: you have been signed out. Your words are still on this page. Sign in in another tab.");
      else this.failed();
    } catch {
      this.failed();
    } finally {
      this.busy = false;
    }
  }

  done(what, answer) {
    this.saved = what;
    for (const [name, value] of Object.entries(answer.set || {})) {
      const input = this.form.elements.namedItem(name);
      if (input && input.type === "hidden") input.value = value;
    }
    if (answer.set) this.saved = this.snapshot() === what ? what : this.saved;
    const clock = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    this.say(`Saved at ${answer.saved_at || clock}`);
    if (this.snapshot() !== this.saved) this.later(PAUSE_MS);
  }

  failed() {
    this.say("Not saved yet. Trying again. Your words are still on this page.");
    this.later(RETRY_MS);
  }
}

document.querySelectorAll("form[data-autosave-url]").forEach((form) => new Autosave(form));

/* ---- what is typed, said in words beside it ---- */

class InWords {
  constructor(part) {
    this.url = part.dataset.wordsUrl;
    this.form = part.closest("form");
    this.place = document.querySelector("[data-words]");
    this.asked = 0;
    this.form.addEventListener("input", () => this.later());
    this.form.addEventListener("change", () => this.later());
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), 600);
  }

  async ask() {
    const mine = ++this.asked;
    try {
      const response = await fetch(this.url, { method: "POST", body: new FormData(this.form), credentials: "same-origin", redirect: "manual" });
      if (!response.ok) return;
      const words = await response.text();
      if (mine === this.asked) this.place.innerHTML = words; // our own page's words, escaped by its template
    } catch {
      // What is typed stays, and the button "Show in words" asks again.
    }
  }
}

document.querySelectorAll("[data-words-url]").forEach((part) => new InWords(part));
