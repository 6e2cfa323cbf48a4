/* htmx comes when somebody touches the form: the first view does without it, and so does whoever is faster. */
var htmxAddress = document.currentScript.dataset.htmx;
["focusin", "pointerover"].forEach(function (sign) {
  document.addEventListener(sign, function (event) {
    if (!htmxAddress || !event.target.closest("search")) return;
    var script = document.createElement("script");
    script.src = htmxAddress;
    htmxAddress = "";
    document.head.append(script);
  });
});

/* The list changes in place (hx-get in _finder.html). Where the answer is no list - no network, too many searches - the
   form is sent as it is without a script, and the browser shows what comes. */
["htmx:error", "htmx:response:error"].forEach(function (trouble) {
  document.addEventListener(trouble, function (event) {
    var form = event.target.closest("form");
    if (form) form.submit();
  });
});
