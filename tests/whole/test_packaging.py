"""The container, its compose file and the unit of systemd: what holds them in stands there, and their commands work."""

import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import typer.main
import yaml

from lindero.app.commands.index import program
from tests import small_map, web_stub

ROOT = Path(__file__).parents[2]
CONTAINERFILE = (ROOT / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
STEPS = [line.split(maxsplit=1) for line in CONTAINERFILE.splitlines() if re.match(r"[A-Z]+ ", line)]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
MAP, WEB = COMPOSE["services"]["map"], COMPOSE["services"]["web"]
UNIT = ROOT / "packaging" / "lindero.service"
EXACT = re.compile(r"docker\.io/library/[a-z]+:\d+\.\d+\.\d+-[a-z-]+(@sha256:[0-9a-f]{64})?")
ANALYZE = shutil.which("systemd-analyze")


def steps(word):
    return [rest for name, rest in STEPS if name == word]


def unit():
    parsed = configparser.ConfigParser(strict=False, interpolation=None, delimiters="=")
    parsed.optionxform = str
    parsed.read(UNIT, encoding="utf-8")
    return parsed


def options_of(words):
    """The options that a command line of `lindero serve` gives, each known to the command."""
    known = {name for one in typer.main.get_command(program).commands["serve"].params for name in one.opts}
    given = [word for word in words if word.startswith("--")]
    assert set(given) <= known
    return given


def test_the_image_is_made_of_an_exact_base_and_of_what_is_locked_by_hash():
    assert EXACT.fullmatch(steps("ARG")[0].removeprefix("BASE="))
    assert [base.split()[0] for base in steps("FROM")] == ["${BASE}", "${BASE}"]
    installs = [part for step in steps("RUN") for part in step.split("&&") if "pip install" in part]
    assert len(installs) == 2
    assert all("--require-hashes" in part for part in installs[:1])
    assert all("--no-deps" in part for part in installs)
    assert EXACT.fullmatch(WEB["image"])


def test_what_the_image_is_made_of_is_there_and_let_through():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    copied = [name for step in steps("COPY") if "--from" not in step for name in step.split()[:-1]]

    assert {"lindero", "pyproject.toml"} <= set(copied)
    assert all((ROOT / name).exists() and f"!{name}" in ignored for name in copied)


def test_what_the_trial_of_the_wheel_copies_is_there():
    script = (ROOT / "packaging" / "try_wheel.sh").read_text(encoding="utf-8")
    (names,) = re.findall(r'"\$clone"/\{(.*?)\}', script)
    copied = [*names.split(","), *re.findall(r'"\$clone/(?!\.venv)([\w./-]+)"', script)]

    assert "lindero" in copied
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_an_update_replaces_the_code_of_the_same_version(tmp_path):
    line = "install --no-deps --no-index --force-reinstall lindero-*.whl"
    assert f"$folder/bin/pip {line}" in (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    venv.create(tmp_path / "venv", with_pip=True)
    for said in ("old", "new"):
        with zipfile.ZipFile(tmp_path / "lindero-1-py3-none-any.whl", "w") as wheel:
            wheel.writestr("lindero.py", f"print({said!r})")
            wheel.writestr("lindero-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: lindero\nVersion: 1\n")
            wheel.writestr(
                "lindero-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            wheel.writestr("lindero-1.dist-info/RECORD", "")
        subprocess.run(f"venv/bin/pip {line}", shell=True, cwd=tmp_path, check=True, capture_output=True)
    python = ["venv/bin/python", "-c", "import lindero"]
    said = subprocess.run(python, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    assert said == "new\n"


def test_a_service_can_read_the_password_and_a_container_can_write_its_backup():
    guide = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    (file,) = re.findall(r'^ *password_file = "(.+?)"', guide, re.MULTILINE)
    written = re.findall(r"--volume \./(\w+):/\w+ ", guide)

    assert watch_unit("service")["Service"]["ProtectHome"] == "yes"
    assert not file.startswith(("~", "/home", "/root"))
    assert f"install -D --owner=lindero --mode=400 {Path(file).name} {file}" in guide
    assert written == ["backups"]
    assert all(f"install --directory --owner=10001 --mode=700 {name}\n" in guide for name in written)


def test_every_folder_of_code_and_every_sheet_is_in_the_package():
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    folders = {
        path.parent for name in ("app", "geo", "layers", "machine") for path in (ROOT / "lindero" / name).rglob("*.py")
    }
    sheets = {path.name: path.parent for path in (ROOT / "lindero").rglob("*.typ")}

    assert {".".join(folder.relative_to(ROOT).parts) for folder in folders} <= set(setup["packages"])
    assert all(name in setup["package-data"][".".join(at.relative_to(ROOT).parts)] for name, at in sheets.items())


def test_what_is_compiled_is_compiled_before_anybody_asks():
    first = "-m lindero.geo.first_use"
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert sum(first in step for step in steps("RUN")) == 1
    assert CONTAINERFILE.index("USER 10001") < CONTAINERFILE.index(first)  # so that it may be written to
    assert first in makefile.partition(".venv/ready-to-run: ")[2].partition("touch")[0]


def test_the_container_is_run_by_nobody_special_and_writes_where_it_must_alone():
    assert steps("USER") == ["10001:10001"] == [MAP["user"]]
    assert MAP["read_only"] is True
    assert MAP["cap_drop"] == ["ALL"] == WEB["cap_drop"]
    assert "no-new-privileges:true" in MAP["security_opt"]
    assert "privileged" not in MAP
    assert "ports" not in MAP
    assert COMPOSE["networks"]["front"]["internal"] is True
    assert {volume.partition(":")[2] for volume in MAP["volumes"]} == {"/workspace", "/var/cache/lindero"}
    assert {volume.partition(":")[0] for volume in MAP["volumes"]} <= COMPOSE["volumes"].keys()
    assert "XDG_CACHE_HOME=/var/cache/lindero" in CONTAINERFILE
    assert MAP["ulimits"]["core"] == 0


def test_the_container_serves_with_options_that_there_are_behind_a_login():
    assert MAP["command"][0] == "serve"
    assert "--login" in options_of(MAP["command"])
    assert MAP["secrets"][0]["target"] == Path(MAP["command"][-1]).name
    options_of(yaml.safe_load(steps("CMD")[-1]))
    assert "packaging/login.toml" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert "reverse_proxy map:8501" in (ROOT / "packaging" / "Caddyfile").read_text(encoding="utf-8")


def checks():
    of_image = yaml.safe_load(steps("HEALTHCHECK")[0].partition("CMD ")[2])
    return {"image": of_image, "compose": MAP["healthcheck"]["test"][1:]}


@pytest.mark.parametrize("where", ["image", "compose"])
def test_the_health_check_tells_a_whole_map_from_a_damaged_one_and_from_none(where, tmp_path):
    program_, flag, script = checks()[where]
    assert (program_, flag) == ("python", "-c")

    def code(address):
        asked = script.replace("http://127.0.0.1:8501", address)
        assert asked != script
        return subprocess.run([sys.executable, "-c", asked], capture_output=True, check=False).returncode

    damaged = replace(web_stub.said({"status": "failed", "why": "damaged"}), status=503)
    with web_stub.serving(lambda *_: damaged) as (address, _asked):
        assert code(address) != 0
    assert code("http://127.0.0.1:9") != 0
    if where == "image":
        small_map.publish(tmp_path / "build")
        with small_map.serving(tmp_path / "build", host="0.0.0.0") as address:
            assert code(address) == 0


def test_the_unit_writes_its_workspace_alone_and_gains_nothing():
    service = unit()["Service"]
    words = shlex.split(service["ExecStart"])

    assert words[1] == "serve"
    assert words[2] == service["ReadWritePaths"]
    assert "--login" in options_of(words)
    held = [
        "NoNewPrivileges",
        "PrivateTmp",
        "ProtectHome",
        "PrivateDevices",
        "ProtectKernelTunables",
        "RestrictNamespaces",
    ]
    assert {service[name] for name in held} == {"yes"}
    assert (service["User"], service["ProtectSystem"], service["LimitCORE"]) == ("lindero", "strict", "0")
    assert service["CapabilityBoundingSet"] == ""
    assert f"{service['Environment'].partition('=')[2]}/{service['CacheDirectory']}" == "/var/cache/lindero"
    assert "MemoryDenyWriteExecute" not in service  # numba runs what it has compiled
    assert "@sandbox" in UNIT.read_text(encoding="utf-8")


@pytest.mark.skipif(ANALYZE is None, reason="no systemd-analyze")
@pytest.mark.parametrize(
    "asked", [("verify",), ("security", "--offline=yes", "--threshold=15", "--no-pager")], ids=["verify", "security"]
)
def test_systemd_finds_nothing_wrong_with_the_unit(asked, tmp_path):
    text = re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={shutil.which('true')}", UNIT.read_text(encoding="utf-8"))
    copy = tmp_path / "lindero.service"
    copy.write_text(text, encoding="utf-8")
    told = subprocess.run(
        [ANALYZE, *asked, copy], capture_output=True, text=True, check=False, env={**os.environ, "SYSTEMD_COLORS": "0"}
    )

    assert told.returncode == 0, told.stdout + told.stderr
    assert asked[0] != "verify" or not told.stderr


def test_the_guide_names_each_of_these_files():
    guide = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")

    assert all(
        f"](../{name})" in guide
        for name in ("Containerfile", "compose.yaml", "packaging/Caddyfile", "packaging/lindero.service")
    )


def timer_lines():
    """The commands that the handbook gives to timers: of the unit, of cron and of Windows, without the program."""
    guide = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    (cron,) = re.findall(r"^ *(\S+ \S+ \S+ \S+ \S+) (/opt/lindero/bin/lindero .+)$", guide, re.MULTILINE)
    (windows,) = re.findall(r'/TR "(C:\\lindero\\lindero.bat [^"]+)"', guide)
    (task,) = re.findall(r"^ *(schtasks .+)$", guide, re.MULTILINE)
    return (
        {"systemd": watch_unit("service")["Service"]["ExecStart"], "cron": cron[1], "windows": windows},
        cron[0],
        task,
    )


def watch_unit(kind):
    parsed = configparser.ConfigParser(strict=False, interpolation=None, delimiters="=")
    parsed.optionxform = str
    parsed.read(ROOT / "packaging" / f"lindero-watch.{kind}", encoding="utf-8")
    return parsed


@pytest.mark.parametrize("timer", ["systemd", "cron", "windows"])
def test_each_timer_of_the_handbook_runs_the_watch_with_options_that_there_are(timer):
    line = timer_lines()[0][timer]
    words = line.partition(" 2>>")[0].split()[1:]
    watch = typer.main.get_command(program).commands["watch"]
    context = watch.make_context("watch", words[1:])

    assert words[0] == "watch"
    assert context.params["send"]
    assert context.params["workspace"] is not None
    assert not context.params["dry_run"]


def test_the_timers_of_the_handbook_run_once_a_night():
    _commands, cron, task = timer_lines()
    minute, hour, *days = cron.split()

    assert days == ["*"] * 3
    assert (int(minute), int(hour)) == (10, 3)
    assert "/SC DAILY /ST 03:10 " in task
    timer = watch_unit("timer")["Timer"]
    assert timer["OnCalendar"] == "*-*-* 03:10"
    assert timer["Persistent"] == "true"  # a night without power is made up for
    assert watch_unit("service")["Service"]["Type"] == "oneshot"
    assert watch_unit("service")["Service"]["ReadWritePaths"] in watch_unit("service")["Service"]["ExecStart"]


@pytest.mark.skipif(ANALYZE is None, reason="no systemd-analyze")
def test_systemd_finds_nothing_wrong_with_the_timer(tmp_path):
    for kind in ("service", "timer"):
        text = (ROOT / "packaging" / f"lindero-watch.{kind}").read_text(encoding="utf-8")
        text = re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={shutil.which('true')}", text)
        (tmp_path / f"lindero-watch.{kind}").write_text(text, encoding="utf-8")
    files = [tmp_path / "lindero-watch.timer", tmp_path / "lindero-watch.service"]
    told = subprocess.run([ANALYZE, "verify", *files], capture_output=True, text=True, check=False)

    assert (told.returncode, told.stderr) == (0, "")
