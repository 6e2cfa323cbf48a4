/* While somebody writes a story. Everything works without this file. What they write goes nowhere but into their own
   draft on the server (groups/views/writing.py), and nothing of it is kept in the browser; the gentle line about "I"
   is decided here and told to nobody. */
(function () {
  "use strict";
  var form = document.querySelector("form[data-keep]");
  if (!form) return;
  var text = form.elements.text, state = form.querySelector("[data-state]"), said = form.querySelector("[role=status]");
  var PAUSE = 3000, AGAIN = 15000;
  var ADVICE = /(^|[^\p{L}])(tu devrais|vous devriez|il faut|il faudrait|you should|you must)(?!\p{L})/iu;
  var timer, asked, changed = false, stopped = false;

  function show(words) { state.textContent = words; }

  function keep() {
    if (!changed || stopped) return;
    changed = false;
    asked = new AbortController();
    fetch(form.dataset.keep, {
      method: "POST", body: new FormData(form), headers: { Accept: "text/plain" }, redirect: "manual", signal: asked.signal
    }).then(function (answer) {
      if (answer.status === 204) {
        var time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
        show(state.dataset.kept.replace("{time}", time));
        if (!said.textContent) said.textContent = state.textContent; // read aloud once, not every three seconds
      } else if (answer.status === 422) {
        show(state.dataset.tooLong);
      } else if (answer.status === 429 || answer.status >= 500) {
        again();
      } else {
        stopped = true;
        show(state.dataset.signedOut);
        said.textContent = state.dataset.signedOut;
      }
    }).catch(function () { if (!stopped) again(); });
  }

  function again() {
    changed = true;
    show(state.dataset.notKept);
    clearTimeout(timer);
    timer = setTimeout(keep, AGAIN);
  }

  form.addEventListener("input", function () {
    changed = true;
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE);
  });
  // What is shared or erased must not come back as a draft.
  form.addEventListener("submit", function () {
    stopped = true;
    clearTimeout(timer);
    if (asked) asked.abort();
  });
  document.addEventListener("visibilitychange", function () { if (document.hidden) keep(); });

  form.querySelectorAll("[data-opening]").forEach(function (place) {
    var button = document.createElement("button");
    button.type = "button";
    button.className = "btn e-btn-quiet text-start";
    button.textContent = place.textContent;
    button.addEventListener("click", function () {
      text.value += (text.value && !/\s$/.test(text.value) ? "\n\n" : "") + place.dataset.opening + " ";
      text.focus();
      text.dispatchEvent(new Event("input", { bubbles: true }));
    });
    place.replaceChildren(button);
  });

  var hint = form.querySelector("[data-in-i]"), dismissed = false;
  text.addEventListener("input", function () { hint.hidden = dismissed || !ADVICE.test(text.value); });
  hint.querySelector("button").addEventListener("click", function () {
    dismissed = hint.hidden = true;
    text.focus();
  });
})();
