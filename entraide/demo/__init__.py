"""The demonstration: everything that entraide needs, alive on one computer. `bin/demo` starts it."""
