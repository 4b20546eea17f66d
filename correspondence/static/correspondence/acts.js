"use strict";

// A job that is under way is asked for again every two seconds; without scripts the page reloads itself.
(() => {
  const EVERY = 2000;

  async function look() {
    const shown = document.getElementById("job");
    if (!shown || !shown.hasAttribute("data-under-way")) return;
    if (!document.hidden) {
      try {
        const answer = await fetch(window.location.href, { credentials: "same-origin" });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById("job");
        if (answer.ok && fresh) shown.replaceWith(fresh);
      } catch (error) {
        // The service is away for a moment: the next look tells.
      }
    }
    window.setTimeout(look, EVERY);
  }

  // A second press while the first is on its way would only be answered later.
  document.querySelectorAll("form.acts-form").forEach((form) => {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "yes";
    });
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form.acts-form").forEach((form) => delete form.dataset.sent);
  });

  window.setTimeout(look, EVERY);
})();
