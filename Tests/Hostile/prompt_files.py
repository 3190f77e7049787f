"""What the attacks by prompt files share: a job whose folder has secrets beside it, and what holds of every run of it."""

import os
import shutil

import yaml

SPEC = "version: 1\njob: hostile\nprompts_dir: prompts\n"
ONE_PROMPT = SPEC + "prompts: {a: {file: a.md}}\n"
CANARY = "canary-7f3a91"
SECRETS = {
    "secret.md": f"{CANARY} {{{{x}}}} {{{CANARY}}}\n",
    "secret.json": f'{{"{CANARY}": "{CANARY}"}}',
    "secret.yaml": f"{CANARY}_prompt: '{CANARY} {{{{x}}}} {{{CANARY}}}'\n",
    "secret.chat.yaml": f"- {{role: user, content: '{CANARY} {{{{{CANARY}}}}}'}}\n",
    "tools.json": f'[{{"name": "{CANARY}"}}]',
    ".env": f"KEY={CANARY}\n",
    "outside/x.md": f"{CANARY} {{{{x}}}}\n",
    f"outside/{CANARY}.md": "x\n",
}
SPEC_KEYS = {"version", "job", "variables", "catalog", "schema", "aliases", "prompts_dir", "prompts", "targets"}


def put_secrets(box) -> None:
    """Writes files beside the folder of the prompts that nothing in it may lead to."""
    for name, content in SECRETS.items():
        box.write(name, content)


def validate(box, code=None, **more):
    """Validates the job; no secret may be told."""
    ended = box.validate("job.yaml", **more)
    assert CANARY not in ended.out + ended.err, f"it tells a secret\n{ended.out}\n{ended.err}"
    assert code in (None, ended.code), f"exit {ended.code}\n{ended.err[-2000:]}"
    return ended


def register(box, code=None):
    """Validates the job, and runs it where that finds nothing wrong; then the run must not either.

    Nothing of the secrets may be in the registry. Returns how the validation ended.
    """
    ended = validate(box, code)
    if ended.code == 0:
        ran = box.run("run", "job.yaml", "--registry", "file:mlruns", codes={0}, writes=True)
        assert CANARY not in ran.out + ran.err
        assert CANARY not in registered(box)
        shutil.rmtree(box.folder / "mlruns")
    return ended


def registered(box) -> str:
    """All that is in the registry."""
    files = sorted(path for path in (box.folder / "mlruns").rglob("*") if path.is_file())
    return "".join(path.read_text(encoding="utf-8") for path in files)


def draft(box, folder="prompts") -> dict:
    """Drafts a job for the folder, checks it as any that was drafted, and returns its prompts.

    A prompt is put there that nothing is wrong with, since a job without any ends with another code.
    """
    shutil.rmtree(box.folder / "new", ignore_errors=True)
    box.write(f"{folder}/fine.md", "Hello {{x}}\n")
    before = box._listing()
    ended = box.run("init", "new", "--from", folder, codes={0}, writes=True)
    assert CANARY not in ended.out + ended.err
    spec = box.folder / "new" / "jobs" / "new.yaml"
    here, new = os.fsencode(box.folder), os.fsencode(box.folder / "new")
    # The folder itself is another one by its time.
    after = [entry for entry in box._listing() if not entry[0].startswith(new)]
    assert [e for e in after if e[0] != here + b"/"] == [e for e in before if e[0] != here + b"/"], "it wrote elsewhere"
    assert {p for p in (box.folder / "new").rglob("*") if p.is_file()} == {spec, box.folder / "new/.gitignore"}
    prompts = check_draft(box, spec.read_bytes())
    assert any(entry["file"] == "fine.md" for entry in prompts.values())
    validated = box.validate("new/jobs/new.yaml")
    assert CANARY not in validated.out + validated.err
    return prompts


def check_draft(box, content: bytes) -> dict:
    """A drafted spec is YAML for every reader, and has no line that a file has put in."""
    text = box.checked(content)
    assert CANARY not in text, text
    spec = yaml.load(text, Loader=yaml.CSafeLoader)
    assert yaml.load(text, Loader=yaml.SafeLoader) == spec if len(text) < 100_000 else True
    assert set(spec) == SPEC_KEYS and spec["version"] == 1 and spec["job"] == "new" and spec["aliases"] == ["staging"]
    assert set(spec["targets"]) == {"local", "server", "prod"}
    lines = text[text.index("\nprompts:\n") + 10 : text.rindex("\n\ntargets:\n")].split("\n")
    assert all(line.startswith("  ") and line[2:3] not in ("", " ", "-") for line in lines)
    entries = [line for line in lines if not line.startswith("  #")]
    prompts = spec["prompts"]
    assert len(entries) == max(1, len(prompts))
    for entry in prompts.values():
        assert {"file"} <= set(entry) <= {"file", "key", "syntax"} and all(isinstance(v, str) for v in entry.values())
    return prompts
