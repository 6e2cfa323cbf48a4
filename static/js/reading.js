/* While somebody reads. Everything works without this file, from the next page on. The page asks for itself again when
   its reader comes back to it, and a story also once a minute while they are there: what its author withdraws or changes
   goes from the screen. It tells the server nothing but that. */
(function () {
  "use strict";
  var place = document.querySelector("[data-told]");
  if (!place) return;
  var EVERY = 60000, THERE = 300000; // without a gesture for so long it asks no more: the session must be able to end
  var touched = Date.now(), asking = false;

  function ask() {
    if (asking || document.hidden) return;
    asking = true;
    fetch(location.href, { redirect: "manual" }).then(function (answer) {
      if (answer.ok) return answer.text().then(show);
      // withdrawn, left, signed out: the page that comes says so. A site that is busy or away says nothing of the sort.
      if (answer.status < 500 && answer.status !== 429) location.reload();
    }).catch(function () {}).then(function () { asking = false; });
  }

  function show(page) {
    var now = new DOMParser().parseFromString(page, "text/html").querySelector("[data-told]");
    if (!now) location.reload();
    else if (now.textContent !== place.textContent) place.replaceChildren.apply(place, now.childNodes);
  }

  document.addEventListener("visibilitychange", ask);
  ["keydown", "pointerdown", "pointermove", "scroll"].forEach(function (gesture) {
    addEventListener(gesture, function () { touched = Date.now(); }, { passive: true });
  });
  if (place.dataset.told) setInterval(function () { if (Date.now() - touched < THERE) ask(); }, EVERY);
})();
