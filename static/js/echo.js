/* A page of found stories is the answer to a form. The browser would have to send what was looked for once more to come
   Back to it, and asks a question that nobody understands. With this line it comes back to the empty form. */
history.replaceState(null, "", location.href);
