"""`python -m entraide.demo [--reset] [--port N]`; ENTRAIDE_STATE names another state folder."""

import argparse
import os
import sys
from pathlib import Path

from entraide.demo import supervisor
from entraide.demo.installation import CHECKOUT
from entraide.demo.progress import speak_any_terminal
from entraide.demo.welcome import welcome


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/demo", description="The whole of entraide on this computer.")
    parser.add_argument("--reset", action="store_true", help="delete the demonstration's data first")
    parser.add_argument("--port", type=int, default=8000, help="port of the site (default 8000)")
    options = parser.parse_args()
    speak_any_terminal()
    folder = Path(os.environ.get("ENTRAIDE_STATE") or CHECKOUT / "var" / "demo")
    return supervisor.run(folder, options.port, fresh=options.reset, welcome=welcome)


if __name__ == "__main__":
    sys.exit(main())
