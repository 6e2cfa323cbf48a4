/* The list changes in place (hx-get in _finder.html). Where the answer is no list - no network, too many searches - the
   form is sent as it is without a script, and the browser shows what comes. */
["htmx:error", "htmx:response:error"].forEach(function (trouble) {
  document.addEventListener(trouble, function (event) {
    var form = event.target.closest("form");
    if (form) form.submit();
  });
});
