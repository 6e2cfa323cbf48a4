"""Public lists of meetings in the Meeting Guide format (github.com/code4recovery/spec): read and given."""
