"""
The two installations of docs/operating.md that need no clone, typed as the page gives them.

The lines run as root, in a mount namespace where the folders that they write to are copies. Nothing of the machine is changed.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
COPIES = {
    "etc": True,
    "opt": False,
    "srv": False,
    "usr/local/bin": True,
    "var/cache": False,
}  # with what is there, or empty
PARCEL = (
    '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"C-1","name":"Uno"},"geometry":'
    '{"type":"Polygon","coordinates":[[[-78,-7],[-77.9,-7],[-77.9,-6.9],[-78,-6.9],[-78,-7]]]}}]}'
)
# What systemd does for the unit: verify it, then start its command as its user, where it can write two folders and see no home.
SYSTEMCTL = """\
#!{python}
import configparser, os, subprocess, sys
unit = "/etc/systemd/system/lindero.service"
if sys.argv[1] == "daemon-reload":
    sys.exit({verify!r} and subprocess.call([{verify!r}, "verify", unit]))
parsed = configparser.ConfigParser(strict=False, interpolation=None, delimiters="=")
parsed.optionxform = str
parsed.read(unit)
service = parsed["Service"]
script = '''
for folder in {writable} /var/cache/{cache}; do mount --bind $folder $folder; done
for folder in / {copies}; do mount -o remount,bind,ro $folder; done
for folder in /tmp /root /home; do mount -t tmpfs -o mode=1777 tmpfs $folder; done
cd /
exec env -i PATH=/usr/sbin:/usr/bin:/bin {environment} runuser -u {user} -- {command}
'''.replace("{writable}", service["ReadWritePaths"]).replace("{cache}", service["CacheDirectory"]).replace(
    "{environment}", service["Environment"]
).replace("{user}", service["User"]).replace("{command}", service["ExecStart"])
with open({log!r}, "w") as log:
    subprocess.Popen(["unshare", "--mount", "bash", "-euc", script], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
"""
# the server binds its port when it is ready; `doctor` and this ask it from the same network namespace
WAIT = """
until python3 -c 'import socket; socket.create_connection(("127.0.0.1", 8501))' 2>/dev/null; do
    pgrep -u lindero >/dev/null || { cat "$log"; exit 1; }
    sleep 0.3
done
"""
ASK = """
python3 -c '
import urllib.error, urllib.request
try:
    print("no login was asked for", urllib.request.urlopen("http://127.0.0.1:8501/").status)
except urllib.error.HTTPError as error:
    print("status", error.code)
'
"""


def may_mount():
    unshare = shutil.which("unshare")
    return (
        unshare is not None
        and not subprocess.run([unshare, "--mount", "true"], capture_output=True, check=False).returncode
    )


pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(not may_mount(), reason="needs root, to make a user and folders in a mount namespace"),
    pytest.mark.slow,
]


def blocks(heading):
    """Return the lines to be typed under a heading, one text for each block, up to the next heading."""
    section = re.split(r"^#+ ", GUIDE.partition(f"# {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    return re.findall(r"^```sh\n(.*?)^```", section, re.DOTALL | re.MULTILINE)


class Machine:
    """A machine that the lines may change: copies of the folders that they write to, and a stand-in for systemctl."""

    def __init__(self, folder):
        self.folder, self.log = folder, folder / "server.log"
        for name, is_full in COPIES.items():
            if is_full:
                subprocess.run(["cp", "-a", f"/{name}/.", self._copy(name)], check=True)
        self.clone = folder / "clone"
        self.clone.mkdir()
        files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
        subprocess.run(f"tar -c --null -T - | tar -x -C '{self.clone}'", cwd=ROOT, shell=True, input=files, check=True)
        programs = folder / "programs"
        programs.mkdir()
        words = {"python": sys.executable, "verify": shutil.which("systemd-analyze") or "", "log": str(self.log)}
        words["copies"] = " ".join(f"/{name}" for name in COPIES)
        text = SYSTEMCTL
        for name, value in words.items():
            text = text.replace(f"{{{name}!r}}", repr(value)).replace(f"{{{name}}}", value)
        (programs / "systemctl").write_text(text, encoding="utf-8")
        (programs / "systemctl").chmod(0o755)

    def _copy(self, name):
        copy = self.folder / "copies" / name.replace("/", "-")
        copy.mkdir(parents=True, exist_ok=True)
        copy.chmod(0o755)
        return copy

    def type(self, *texts, cwd, network=True):
        """Run lines as root on this machine; return what they print."""
        mounts = [f"mount --bind '{self._copy(name)}' /{name}" for name in COPIES]
        script = "\n".join([*mounts, *([] if network else ["ip link set lo up"]), f"cd '{cwd}'", *texts])
        path = f"{self.folder / 'programs'}:{os.environ['PATH']}"
        environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
        apart = [
            "unshare",
            "--mount",
            "--pid",
            "--mount-proc",
            "--fork",
            "--kill-child",
            *([] if network else ["--net"]),
        ]
        done = subprocess.run(
            [*apart, "bash", "-euo", "pipefail", "-c", script],
            env={**environment, "PATH": path, "LINDERO_LANG": "en", "log": str(self.log)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-4000:]
        return done.stdout


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("machine")
    yield Machine(folder)
    shutil.rmtree(folder)  # 1.3 GB


@pytest.fixture(scope="module")
def installed(machine):
    """What the lines without a clone print, one text for each block."""
    in_clone, on_machine = blocks("Without a clone")
    return [machine.type(in_clone, cwd=machine.clone), machine.type(on_machine, cwd=machine.clone / "dist")]


def test_without_a_clone(installed):
    assert "No problems found." in installed[-1]


@pytest.mark.usefixtures("installed")
def test_as_a_service(machine):
    dist = machine.clone / "dist"
    (dist / "cadastre.geojson").write_text(PARCEL, encoding="utf-8")
    login = re.findall(r"^```toml\n(\[auth\].*?)^```", GUIDE, re.DOTALL | re.MULTILINE)[0]
    (dist / "login.toml").write_text(
        re.sub(r'cookie_secret = ".*?"', f'cookie_secret = "{"0f" * 32}"', login), encoding="utf-8"
    )
    setting_up, looking = blocks("As a service, behind TLS")

    told = machine.type(setting_up, WAIT, looking, ASK, cwd=dist, network=False)

    assert "No problems found." in told
    assert "status 401" in told


@pytest.mark.parametrize(("installs_at", "code", "updates"), [(1, 0, 1), (3, 0, 3), (9, 1, 5)])
def test_mirror_being_renewed_does_not_stop_the_tests(
    tmp_path: Path, installs_at: int, code: int, updates: int
) -> None:
    """Packages of Debian install although the lists cannot be renewed in full, and are tried five times at most."""
    asked = tmp_path / "asked"
    stub = "#!/bin/sh\necho $1 >>{asked}\n[ $1 = install ] && [ $(grep -c install {asked}) -ge {at} ]\n"
    (tmp_path / "apt-get").write_text(stub.format(asked=asked, at=installs_at), encoding="utf-8")
    (tmp_path / "sleep").write_text("#!/bin/sh\n", encoding="utf-8")
    for name in ("apt-get", "sleep"):
        (tmp_path / name).chmod(0o755)
    command = [ROOT / "tests" / "servers" / "from_debian.sh", "chromium"]
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert asked.read_text(encoding="utf-8").split().count("update") == updates
    assert ("could not install: chromium" in done.stderr) == bool(code)
