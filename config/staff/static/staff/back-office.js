"use strict";
// Names for what Django's and Select2's own scripts build without any: a reader of the screen would say "combobox".
window.addEventListener("load", () => setTimeout(() => {
    for (const field of document.querySelectorAll("select.admin-autocomplete")) {
        const label = document.querySelector(`label[for="${field.id}"]`);
        const chosen = field.parentElement.querySelector(".select2-selection");
        if (!label || !chosen) continue;
        label.id ||= `${field.id}_label`;
        for (const part of [chosen, chosen.querySelector("[role=textbox]"), chosen.querySelector("[role=searchbox]")]) {
            part?.setAttribute("aria-labelledby", label.id);
        }
    }
    for (const tip of document.querySelectorAll(".selector .help-tooltip")) tip.setAttribute("role", "img");
}));
