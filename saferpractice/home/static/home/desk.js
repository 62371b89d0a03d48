// The duty desk asks every half minute what is new. It never takes a form, the focus or a row away from somebody:
// while the pointer or the focus is among the rows it only says that there is news, and waits to be asked.
// Without scripts the page has a link that does the same.
const desk = document.getElementById("desk");
const said = document.getElementById("desk-said");
const time = document.getElementById("desk-time");
const show = document.getElementById("desk-show");
const every = Number(desk.dataset.every) * 1000;
const STILL_MS = 8000; // a finger that touched the list rests on it for a while
let touched = 0;
let waiting = null;
let asking = false;

const touch = () => (touched = Date.now());
for (const kind of ["pointermove", "pointerdown", "touchstart", "wheel", "keydown"]) desk.addEventListener(kind, touch, { passive: true });

function say(text, trouble = "") {
  if (said.textContent !== text) said.textContent = text;
  said.dataset.trouble = trouble;
}

// Outside the status: that the time went on is nothing to be told of.
function isFresh() {
  time.textContent = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

const rowsOf = (part) => [...part.querySelectorAll("[data-row]")];
const namesOf = (part) => rowsOf(part).map((link) => link.dataset.row);
const factsOf = (part) => [...part.querySelectorAll("[data-fact]")].filter((fact) => fact.dataset.fact !== "counts");
const wordsOf = (part) => part.textContent.replace(/\s+/g, " ").trim();

// A warning or a flag that comes or goes moves what stands below it; its words may change with the minutes.
const shapeOf = (part) => namesOf(part).join() + factsOf(part).map((fact) => fact.dataset.fact + fact.querySelectorAll("li").length).join();

function busy() {
  return desk.contains(document.activeElement) || desk.matches(":hover") || Date.now() - touched < STILL_MS;
}

function newsOf(fresh) {
  const before = new Set(namesOf(desk));
  const after = new Set(namesOf(fresh));
  const come = [...after].filter((name) => !before.has(name)).length;
  const gone = [...before].filter((name) => !after.has(name)).length;
  const parts = [];
  if (come) parts.push(`${come} new`);
  if (gone) parts.push(`${gone} no longer here`);
  return parts.join(", ") || "another order, or another warning";
}

// The same rows in the same order: only their words change, each where it stands, and not the cell somebody is in.
function renew(fresh) {
  const here = rowsOf(desk).map((link) => link.closest("tr"));
  rowsOf(fresh).forEach((link, at) => {
    [...link.closest("tr").cells].forEach((cell, number) => {
      const mine = here[at].cells[number];
      if (mine.innerHTML !== cell.innerHTML && !mine.contains(document.activeElement)) mine.innerHTML = cell.innerHTML;
    });
  });
  const facts = [...desk.querySelectorAll("[data-fact]")];
  for (const fact of fresh.querySelectorAll("[data-fact]")) {
    const mine = facts.find((each) => each.dataset.fact === fact.dataset.fact);
    if (mine && wordsOf(mine) !== wordsOf(fact) && !mine.contains(document.activeElement)) mine.innerHTML = fact.innerHTML;
  }
}

function put(fresh) {
  desk.replaceChildren(...fresh.childNodes);
  isFresh();
  waiting = null;
  show.hidden = true;
}

function take(fresh) {
  if (shapeOf(fresh) === shapeOf(desk)) {
    waiting = null;
    show.hidden = true;
    renew(fresh);
    isFresh();
    if (said.dataset.trouble) say("");
    return;
  }
  const news = newsOf(fresh);
  if (busy()) {
    waiting = fresh;
    show.hidden = false;
    say(`There is news: ${news}. Nothing below has moved.`);
  } else {
    put(fresh);
    say(`Brought up to date: ${news}.`);
  }
}

async function ask() {
  if (asking || document.hidden) return;
  asking = true;
  try {
    const answer = await fetch(desk.dataset.rows, { credentials: "same-origin", redirect: "manual", cache: "no-store" });
    if (answer.ok) take(new DOMParser().parseFromString(await answer.text(), "text/html").body);
    else if (answer.type === "opaqueredirect" || answer.status === 404)
      say("Not kept up to date: you are signed out, or your role has ended. Refresh the page.", "yes");
    else say("Not kept up to date just now. Trying again.", "yes");
  } catch {
    say("Not kept up to date: there is no connection. Trying again.", "yes");
  } finally {
    asking = false;
  }
}

show.addEventListener("click", () => {
  if (!waiting) return;
  const news = newsOf(waiting);
  put(waiting);
  say(`Brought up to date: ${news}.`);
  desk.focus();
});
setInterval(ask, every);
document.addEventListener("visibilitychange", ask);
