// While an import runs, fetch this page again every few seconds and put its progress in place of the old.
// Without scripts the page has a link that does the same.
const PAUSE = 3000;

async function renew() {
  const here = document.getElementById("progress");
  if (!here || !here.hasAttribute("data-working")) return;
  try {
    const answer = await fetch(window.location.href, { credentials: "same-origin" });
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const there = page.getElementById("progress");
      if (!there || !there.hasAttribute("data-working")) {
        window.location.reload();
        return;
      }
      here.querySelector("[data-said]").textContent = there.querySelector("[data-said]").textContent;
      here.querySelector("progress").value = there.querySelector("progress").value;
    }
  } catch {
    // The network was away for a moment; the next look will tell.
  }
  window.setTimeout(renew, PAUSE);
}

window.setTimeout(renew, PAUSE);
