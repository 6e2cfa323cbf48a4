/* Quick exit. Everything works without this file: the button then posts its form (entraide/views.py, leave_quickly).
   With it the page is covered at once, and is replaced rather than left behind. */
(function () {
  "use strict";
  var form = document.querySelector("form[data-target]");
  if (!form) return;
  var root = document.documentElement, said = form.querySelector("[aria-live]");
  var NEEDED = 3, WITHIN = 5000;
  var pressed = 0, alone = false, down = {}, timer;

  function leave() {
    root.classList.add("e-left");
    document.title = form.dataset.title;
    // manual: the answer leads to another site, which is not ours to fetch
    fetch(form.action, { method: "POST", keepalive: true, redirect: "manual" }).catch(function () {});
    location.replace(form.dataset.target);
  }

  function count(number) {
    pressed = number;
    clearTimeout(timer);
    if (number) timer = setTimeout(count, WITHIN, 0);
    form.dataset.pressed = number;
    said.textContent = number ? said.dataset["left" + (NEEDED - number)] || "" : "";
    if (number === NEEDED) leave();
  }

  document.addEventListener("click", function (event) {
    if (!event.target.closest("[data-leave]")) return;
    event.preventDefault();
    leave();
  });

  // A press counts when Shift went down and up again alone: a capital letter, a shortcut or a selection is none.
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Shift") {
      down[event.code] = true;
      alone = false;
      if (pressed) count(0);
    } else if (!event.repeat) {
      alone = !Object.keys(down).length && !(event.ctrlKey || event.altKey || event.metaKey || event.isComposing);
    }
  }, true);
  document.addEventListener("keyup", function (event) {
    if (event.key === "Shift") {
      if (alone) count(pressed + 1);
      alone = false;
    } else if (event.key === "Meta") {
      down = {}; // macOS tells no keyup of the keys that were down with it
    } else {
      delete down[event.code];
    }
  }, true);
  addEventListener("blur", function () { down = {}; alone = false; });

  // A page that the browser kept whole is covered before it is seen, and asked for again.
  addEventListener("pageshow", function (event) {
    if (!event.persisted) return;
    root.classList.add("e-left");
    location.reload();
  });
})();
