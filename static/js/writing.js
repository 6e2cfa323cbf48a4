/* While somebody writes a story, or changes one. Everything works without this file. What they write goes nowhere but
   into their own draft on the server (groups/views/writing.py), and nothing of it is kept in the browser; the gentle line
   about "I" and the choice of a spell checker are decided here and told to nobody. */
(function () {
  "use strict";
  var form = document.querySelector("form[data-writing]");
  if (!form) return;
  var text = form.elements.text;
  if (form.dataset.keep) keepTheDraft();
  offerOpenings();
  hintAtI();
  offerSpelling();

  function keepTheDraft() {
    var state = form.querySelector("[data-state]"), said = form.querySelector("[role=status]");
    var signIn = form.querySelector("[data-sign-in]");
    var PAUSE = 3000, AGAIN = 15000, TOO_SLOW = 30000;
    var SMALL = 10000; // characters: what a browser still sends while its page closes
    var timer, asked, underway = false, changed = false, stopped = false;

    function show(words) { state.textContent = words; }

    function keep() {
      if (!changed || stopped) return;
      if (underway && !document.hidden) return wait(PAUSE); // of two on their way, the older words could arrive last
      changed = false;
      underway = true;
      var mine = asked = new AbortController();
      var slow = setTimeout(function () { mine.abort(); }, TOO_SLOW);
      fetch(form.dataset.keep, {
        method: "POST", body: new FormData(form), headers: { Accept: "text/plain" }, redirect: "manual", signal: mine.signal,
        keepalive: document.hidden && text.value.length < SMALL
      }).then(function (answer) {
        if (answer.status === 204) {
          var time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
          show(form.dataset.kept.replace("{time}", time));
          if (!said.textContent) said.textContent = state.textContent; // read aloud once, not every three seconds
        } else if (answer.status === 422 || answer.status === 400) { // 400: too long even to be read
          show(form.dataset.tooLong);
        } else if (answer.status === 429 || answer.status >= 500) {
          again();
        } else {
          stopped = true;
          var elsewhere = answer.status === 412; // kept there since: the button asks which words stay
          signIn.hidden = elsewhere || answer.status === 404 || answer.status === 409; // out, closed, or shared already
          show(elsewhere ? form.dataset.elsewhere : signIn.hidden ? form.dataset.noMore : form.dataset.signedOut);
          said.textContent = state.textContent;
        }
      }).catch(function () { if (!stopped) again(); }).then(function () {
        clearTimeout(slow);
        if (mine === asked) underway = false;
      });
    }

    function wait(milliseconds) {
      clearTimeout(timer);
      timer = setTimeout(keep, milliseconds);
    }

    function again() {
      changed = true;
      show(form.dataset.notKept);
      wait(AGAIN);
    }

    // Signed in again in another tab: the same person goes on here, with what a form of theirs needs now.
    function comeBack() {
      fetch(form.dataset.again, { redirect: "manual" }).then(function (answer) {
        return answer.ok ? answer.text() : "";
      }).then(function (page) {
        var fresh = new DOMParser().parseFromString(page, "text/html").querySelector("form[data-writing]");
        if (!fresh || fresh.dataset.who !== form.dataset.who) return;
        form.elements.csrfmiddlewaretoken.value = fresh.elements.csrfmiddlewaretoken.value;
        signIn.hidden = changed = true;
        stopped = false;
        keep();
      }).catch(function () {});
    }

    form.addEventListener("input", function () {
      changed = true;
      wait(PAUSE);
    });
    form.addEventListener("submit", function (event) {
      if (navigator.onLine === false) { // the browser's own page would take the place of what is written
        event.preventDefault();
        again();
        return;
      }
      stopped = true; // what is shared or erased must not come back as a draft
      clearTimeout(timer);
      if (asked) asked.abort();
    });
    document.addEventListener("visibilitychange", function () {
      if (document.hidden) keep();
      else if (!signIn.hidden) comeBack();
    });
  }

  function offerOpenings() {
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
  }

  function hintAtI() {
    var ADVICE = /(^|[^\p{L}])(tu devrais|vous devriez|il faut|il faudrait|you should|you must)(?!\p{L})/iu;
    var hint = form.querySelector("[data-in-i]"), dismissed = false;
    text.addEventListener("input", function () { hint.hidden = dismissed || !ADVICE.test(text.value); });
    hint.querySelector("button").addEventListener("click", function () {
      dismissed = hint.hidden = true;
      text.focus();
    });
  }

  // Off until somebody wants it: the checker of some browsers sends the text away.
  function offerSpelling() {
    var choice = form.querySelector("[data-spelling]");
    choice.hidden = false;
    choice.querySelector("input").addEventListener("change", function (event) {
      ["title", "text", "own_feeling"].forEach(function (name) { form.elements[name].spellcheck = event.target.checked; });
      text.focus();
    });
  }
})();
