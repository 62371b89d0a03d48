// While something long runs, ask every few seconds how far it is, and show the page anew when it is done.
// Without scripts the page has a link that does the same.
const PAUSE = 3000;

async function renew(here) {
  try {
    const answer = await fetch(here.dataset.progress, { credentials: "same-origin" });
    if (answer.ok) {
      const now = await answer.json();
      if (!now.working) {
        window.location.reload();
        return;
      }
      here.querySelector("[role=status]").textContent = now.said;
      here.querySelector("progress").value = now.done;
    }
  } catch {
    // The network was away for a moment; the next look will tell.
  }
  window.setTimeout(renew, PAUSE, here);
}

const progress = document.getElementById("progress");
if (progress) window.setTimeout(renew, PAUSE, progress);
