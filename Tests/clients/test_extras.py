"""The completions and the manual page that packages ship."""

import os
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def test_completions_and_manual_name_every_command(tmp_path):
    binary = os.environ.get("HEARTH_BINARY", str(ROOT / ".build" / "debug" / "hearth"))
    subprocess.run([ROOT / "scripts" / "make-extras", tmp_path, binary], check=True, capture_output=True)
    commands = ["serve", "login", "who", "watch", "set", "doctor", "backup", "restore", "user", "registration-token", "room"]
    for name in ["hearth.bash", "_hearth", "hearth.fish"]:
        script = (tmp_path / name).read_text(encoding="utf-8")
        assert [command for command in commands if command not in script] == [], name
    subprocess.run(["bash", "-n", tmp_path / "hearth.bash"], check=True)

    manual = (tmp_path / "hearth.1").read_text(encoding="utf-8")
    assert [command for command in commands if f".SS hearth {command}".replace("-", "\\-") not in manual] == []
    assert "\\fB\\-\\-until\\fR \\fItime\\fR" in manual
    if shutil.which("groff"):
        warnings = subprocess.run(
            ["groff", "-Kutf8", "-man", "-Tutf8", "-ww", "-z", tmp_path / "hearth.1"], check=True, capture_output=True, text=True
        ).stderr
        assert warnings == ""
