"""One shape everywhere: door, form, verb, message, redirect."""
