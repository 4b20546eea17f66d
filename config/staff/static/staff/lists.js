// On a narrow screen the filters would push the rows off it: they open when somebody wants them, or has set one.
"use strict";
if (window.matchMedia("(max-width: 640px)").matches && !document.querySelector(".list-chips, .list-field .errornote")) {
  document.querySelector(".list-filters")?.removeAttribute("open");
}
