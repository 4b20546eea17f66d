/* A recipient's number: fetched when it is asked for, and gone after a while, or when nobody looks any more.
   Without this script the form leads to a page of its own. */
"use strict";

for (const form of document.querySelectorAll("form[data-reveal]")) {
  const output = document.getElementById(form.dataset.reveal);
  const button = form.querySelector("button");
  const failed = form.parentElement.querySelector(".page-failed");
  const show = button.textContent;
  let timer = 0;
  let shown = false;

  const hide = () => {
    clearTimeout(timer);
    output.textContent = output.dataset.masked;
    output.classList.remove("page-shown");
    button.textContent = show;
    shown = false;
  };

  const reveal = (number) => {
    output.textContent = number;
    output.classList.add("page-shown");
    button.textContent = form.dataset.hide;
    shown = true;
    timer = setTimeout(hide, Number(form.dataset.seconds) * 1000);
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failed.hidden = true;
    if (shown) {
      hide();
      return;
    }
    button.disabled = true;
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new FormData(form),
        headers: { Accept: "application/json" },
        cache: "no-store",
        redirect: "error", // to the login
      });
      if (!answer.ok) throw new Error(answer.status);
      const { number } = await answer.json();
      // Who has turned to another page meanwhile must find it masked.
      if (!document.hidden) reveal(number);
    } catch {
      failed.textContent = form.dataset.failed;
      failed.hidden = false;
    } finally {
      button.disabled = false;
      button.focus();
    }
  });

  document.addEventListener("visibilitychange", () => document.hidden && shown && hide());
  window.addEventListener("pagehide", hide);
}
