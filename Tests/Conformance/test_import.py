"""What a registry holds is written down as files that say the same, and `render` fills templates in as MLflow does."""

import json
import os
import random
from pathlib import Path

import pytest
import yaml
from jobs import AWKWARD_TEXTS, JobFolder
from mlflow_registry import mlflow, settle
from program import Ended, actions, tree
from test_copy import CONTENTS, fill

IS_PROMPT = "mlflow.prompt.is_prompt"
PIECES = [
    *("a", " ", "  ", "\t", "\n", "\n\n", "\r\n", "\r", "---\n", "- ", "# ", ": ", "{{x}}", "{{ y.z }}", "{x}", "${x}"),
    *("$${", "$", "{", "}", "'", '"', "\\", "\\n", "é", "e\u0301", "質", "👩‍👩‍👧", "\u00a0"),
    *("\u0085", "\u2028", "\ufeff", "\x1b[31m", "\x7f", "null", "no", "1.0", "~", "|", ">", "&a", "*a", "!t", "%TAG"),
]  # fmt: skip


def imported(program, uri: str, schema: str, into: Path, *arguments, code: int = 0, env=None) -> dict:
    """The answer of `promptreg import`."""
    flags = ["--registry", uri, "--catalog", "main", "--schema", schema, "--into", into, "--format", "json"]
    return json.loads(program("import", *flags, *arguments, code=code, env=env).out)


def planned(program, spec: Path, env=None) -> dict:
    """The report of a plan of a job whose registry is where the spec says."""
    return program("plan", spec, "--format", "json", env=env).report


def assert_nothing_to_do(program, spec: Path, env=None) -> None:
    program("validate", spec, "--strict")
    report = planned(program, spec, env)
    assert set(actions(report).values()) == {"unchanged"}, report
    assert report["plan"]["aliases"] == 0


class Folder:
    """A registry's folder, written without any client: there is no faster way to fill one."""

    def __init__(self, root: Path):
        self.root = root

    def add(
        self, name: str, versions: list[dict[str, str]], tags: dict[str, str] = {}, description: str | None = None,
        aliases: dict[str, int] = {},
    ) -> None:  # fmt: skip
        """Adds a prompt; a version is its tags."""
        model = self.root / "models" / name
        meta = {"name": name, "creation_timestamp": 1, "last_updated_timestamp": 1, "description": description}
        self._write(model, meta, {IS_PROMPT: "true", **tags})
        for alias, number in aliases.items():
            (model / "aliases").mkdir(exist_ok=True)
            (model / "aliases" / alias).write_text(str(number))
        for number, version in enumerate(versions, start=1):
            meta = {"name": name, "version": number, "creation_timestamp": 1, "last_updated_timestamp": 1}
            meta |= {"current_stage": "None", "description": None, "status": "READY", "source": "dummy-source"}
            self._write(model / f"version-{number}", meta, {IS_PROMPT: "true", **version})

    @staticmethod
    def _write(folder: Path, meta: dict, tags: dict[str, str]) -> None:
        (folder / "tags").mkdir(parents=True)
        (folder / "meta.yaml").write_text(yaml.safe_dump(meta))
        for key, value in tags.items():
            (folder / "tags" / key).write_bytes(value.encode())


class Generator:
    """Prompts that a careless writer of files would change, the same each time."""

    def __init__(self, seed: int):
        self.chance = random.Random(seed)

    def text(self, longest: int = 12) -> str:
        return "".join(self.chance.choices(PIECES, k=self.chance.randint(0, longest)))

    def name(self, index: int) -> str:
        prefix = self.chance.choice(["prompt_", "prompt_", "prompt_", "", "Prompt_"])
        return prefix + self.chance.choice(["a", "A", "b.c", "x-1", "aux", "md"]) + str(index // 2)

    def json(self, depth: int = 0):
        kind = self.chance.randint(0, 7 if depth < 3 else 4)
        if kind < 3:
            return self.text()
        if kind < 5:
            return self.chance.choice([None, True, 0, -1.5, 1e-7, 9007199254740993, 0.1])
        if kind == 5:
            return [self.json(depth + 1) for _ in range(2)]
        return {self.text() + str(index): self.json(depth + 1) for index in range(2)}

    def version(self) -> dict[str, str]:
        """A version's tags."""
        ascii_only = self.chance.random() < 0.5
        if self.chance.random() < 0.3:
            messages = [{"role": role, "content": self.text() + "."} for role in ("system", "user")]
            tags = {
                "mlflow.prompt.text": json.dumps(messages, ensure_ascii=ascii_only),
                "_mlflow_prompt_type": "chat",
            }
        else:
            text = self.chance.choice([self.text(), *AWKWARD_TEXTS.values()])
            text = (text.decode() if isinstance(text, bytes) else text)[:100_000]
            tags = {"mlflow.prompt.text": text if text.strip() else text + "x", "_mlflow_prompt_type": "text"}
        if self.chance.random() < 0.4:
            config = {"temperature": 0.25, "max_tokens": 9, "stop_sequences": ["${x}", "\n"], "more": self.json()}
            tags["_mlflow_prompt_model_config"] = json.dumps(config, ensure_ascii=ascii_only)
        if self.chance.random() < 0.4:
            tags["_mlflow_prompt_response_format"] = json.dumps({"x": self.json()}, ensure_ascii=ascii_only)
        return tags

    def fill(self, folder: Folder, schema: str) -> dict[str, dict]:
        """Fills a registry; what each prompt's newest version is."""
        made = {}
        for index in range(self.chance.randint(1, 14)):
            name = f"main.{schema}.{self.name(index)}"
            if name in made:
                continue
            versions = [self.version() for _ in range(self.chance.randint(1, 3))]
            team, level = self.text(), self.text()
            versions[-1] |= {"team": team, "level": level, "promptreg_commit": "abc"}
            tags = {"team": team, "level": level + self.chance.choice(["", "!"]), "_mlflow_experiment_ids": ",7,12,"}
            description = self.chance.choice([None, self.text()])
            aliases = {"production": len(versions), "old": 1} if self.chance.random() < 0.5 else {}
            folder.add(name, versions, tags, description, aliases)
            made[name] = {"tags": tags, "description": description, "newest": versions[-1]}
        return made


def said(value):
    """A spec's value as a job means it."""
    if isinstance(value, dict):
        return {key: said(item) for key, item in value.items()}
    if isinstance(value, list):
        return [said(item) for item in value]
    return value.replace("$${", "${") if isinstance(value, str) else value


def check_files(folder: Path, answer: dict, made: dict[str, dict]) -> None:
    """Reads the files with PyYAML, and compares them with what was registered."""
    # As UTF-8 with its line ends, whatever the machine's are.
    spec = yaml.safe_load((folder / answer["spec"]).read_bytes())
    assert sorted(made) == [prompt["full_name"] for prompt in answer["prompts"]] and answer["left_out"] == []
    assert len(spec["prompts"]) == len(made)
    for prompt in answer["prompts"]:
        entry, expected = spec["prompts"][prompt["name"]], made[prompt["full_name"]]
        newest = expected["newest"]
        assert said(entry.get("description")) == (expected["description"] or None)
        tags = {"team": newest["team"]}
        if expected["tags"]["level"] == newest["level"]:
            tags["level"] = newest["level"]
        assert said(entry.get("tags")) == tags
        for key in ("model_config", "response_format"):
            stored = newest.get(f"_mlflow_prompt_{key}")
            assert said(entry.get(key)) == (json.loads(stored) if stored else None)
        raw = (folder / "prompts" / entry["file"]).read_bytes()
        if newest["_mlflow_prompt_type"] == "chat":
            assert yaml.safe_load(raw) == json.loads(newest["mlflow.prompt.text"])
            continue
        text = newest["mlflow.prompt.text"].encode()
        assert raw in (text + b"\n", text + b"\r\n")
        assert ("newlines" in entry) == (b"\r\n" in text)


@pytest.mark.parametrize("seed", range(25))
def test_a_generated_registry_comes_back(seed, program, registry, tmp_path):
    made = Generator(seed).fill(Folder(registry), "agent")
    before = tree(registry)
    answer = imported(program, f"file:{registry}", "agent", tmp_path / "out")
    assert tree(registry) == before, "an import wrote to the registry"
    check_files(tmp_path / "out", answer, made)
    assert_nothing_to_do(program, tmp_path / "out" / answer["spec"])
    written = sorted(path.name for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert len(written) == len({name.lower() for name in written}) == len(made) + 1
    # Once more gives the same files, and only when it may replace them.
    files = tree(tmp_path / "out")
    flags = ["--registry", f"file:{registry}", "--catalog", "main", "--schema", "agent", "--into", tmp_path / "out"]
    assert "files already exist" in program("import", *flags, code=64).err
    program("import", *flags, "--force")
    assert tree(tmp_path / "out") == files


def test_many_seeds_cover_what_is_awkward():
    """The generated registries hold chats, settings, CRLF and names that differ in case alone."""
    seen = set()
    for seed in range(25):
        for name, prompt in Generator(seed).fill(NoFolder(), "agent").items():
            newest = prompt["newest"]
            seen |= {newest["_mlflow_prompt_type"], *(key for key in newest if key.endswith(("config", "format")))}
            seen |= {"crlf"} if "\r\n" in newest["mlflow.prompt.text"] else set()
    assert {"chat", "text", "crlf", "_mlflow_prompt_model_config", "_mlflow_prompt_response_format"} <= seen


class NoFolder(Folder):
    """Takes prompts and writes nothing."""

    def __init__(self):
        super().__init__(Path(os.devnull))

    def add(self, *_, **__) -> None:
        pass


# MLflow's own client


@pytest.mark.parametrize("seed", range(2))
def test_what_mlflow_registered_is_imported(seed, program, any_registry, tmp_path):
    made = fill(any_registry, seed)
    client = mlflow.MlflowClient()
    for name in made:
        # What the newest version has, the prompt gets as well: only then is it the job's.
        newest = mlflow.genai.load_prompt(f"prompts:/{name}/{made[name]}", cache_ttl_seconds=0)
        for key, value in newest.tags.items():
            if not key.startswith("promptreg_"):
                client.set_prompt_tag(name, key, value)
    settle()
    out, env = tmp_path / "out", any_registry.environment
    before = any_registry.written()
    answer = imported(program, any_registry.uri, any_registry.schema, out, env=env)
    assert any_registry.written() == before
    assert {prompt["full_name"]: prompt["version"] for prompt in answer["prompts"]} == made
    assert answer["left_out"] == []
    # What the first version had, the prompt has for good.
    reasons = {tag["reason"] for prompt in answer["prompts"] for tag in prompt["left_out_tags"]}
    assert reasons <= {"is on the prompt alone"}
    assert_nothing_to_do(program, out / answer["spec"], env)
    # And a run of it makes no version.
    report = program("run", out / answer["spec"], "--format", "json", env=env).report
    assert report["summary"]["unchanged"] == len(made)
    for name, count in made.items():
        assert max(any_registry.versions(name)) == count


def test_what_an_alias_serves_is_imported(program, any_registry, tmp_path):
    schema = any_registry.schema
    for name, texts in {"a": ["one {{x}}", "two"], "b": ["only"], "c": ["other"]}.items():
        for text in texts:
            mlflow.genai.register_prompt(f"main.{schema}.{name}", text)
    for name in "ab":
        for alias in ("production", "blue"):
            mlflow.MlflowClient().set_prompt_alias(f"main.{schema}.{name}", alias, 1)
    settle()
    out, env = tmp_path / "out", any_registry.environment
    answer = imported(program, any_registry.uri, schema, out, "--alias", "production", env=env)
    assert [(prompt["name"], prompt["version"]) for prompt in answer["prompts"]] == [("a", 1), ("b", 1)]
    assert (out / "prompts" / "a.md").read_text() == "one {{x}}\n"
    assert yaml.safe_load((out / answer["spec"]).read_text())["aliases"] == ["blue", "production"]
    assert actions(planned(program, out / answer["spec"], env)) == {"a": "update", "b": "unchanged"}
    flags = ["--registry", any_registry.uri, "--catalog", "main", "--schema", schema, "--into", tmp_path / "none"]
    missing = program("import", *flags, "--alias", "nowhere", code=1, env=env)
    assert "there are no prompts with the alias 'nowhere'" in missing.err
    assert not (tmp_path / "none").exists()


def test_what_no_job_can_say_is_left_out(program, registry, tmp_path):
    folder = Folder(registry)
    text = {"_mlflow_prompt_type": "text", "mlflow.prompt.text": "fine"}
    folder.add("main.s.good", [text])
    folder.add("main.s.blank", [{**text, "mlflow.prompt.text": " \n"}])
    folder.add("main.s.long", [{**text, "mlflow.prompt.text": "x" * 100_001}])
    folder.add("main.s.none", [])
    folder.add("main.s.hot", [{**text, "_mlflow_prompt_model_config": '{"temperature": -1}'}])
    answer = imported(program, f"file:{registry}", "s", tmp_path / "out", code=1)
    assert [prompt["name"] for prompt in answer["prompts"]] == ["good"]
    reasons = {each["full_name"]: each["reason"] for each in answer["left_out"]}
    assert set(reasons) == {f"main.s.{name}" for name in ("blank", "long", "none", "hot")}
    assert reasons["main.s.none"] == "it has no version"
    assert_nothing_to_do(program, tmp_path / "out" / answer["spec"])


# Rendering


def rendered(program, uri: str, registry: str, values: dict, folder: Path, code: int = 0, env=None) -> Ended:
    """What `promptreg render` says."""
    path = folder / "values.json"
    path.write_text(json.dumps(values))
    return program("render", uri, "--registry", registry, "--values", path, code=code, env=env)


def test_mlflow_renders_the_same(program, any_registry, tmp_path):
    name, env = f"main.{any_registry.schema}.prompt_r", any_registry.environment
    contents = [
        *CONTENTS,
        {"template": "{{ a.b }} {{x}}{{ x }} {y} {{ x | upper }}\r\n"},
        {"template": [{"role": "user", "content": "\"{{x}}\" {{\n y }} \\ 質"}]},
    ]
    compared = 0
    for number, content in enumerate(contents, start=1):
        mlflow.genai.register_prompt(name, **content)
        version = mlflow.genai.load_prompt(f"prompts:/{name}/{number}", cache_ttl_seconds=0)
        values = {variable: f"\\1 {variable}\r\n😀 {{{{ \"{index}\"" for index, variable in enumerate(version.variables)}
        if content["template"] == CONTENTS[6]["template"]:
            assert "Jinja2" in rendered(program, version.uri, any_registry.uri, {}, tmp_path, 65, env).err
            continue
        if any(not isinstance(m["content"], str) for m in version.template if isinstance(m, dict)):
            refused = rendered(program, version.uri, any_registry.uri, values, tmp_path, 65, env).err
            assert "cannot be filled in" in refused
            continue
        if "\\n y" in str(content["template"]):
            values["y"] = "also between lines"
        shown = rendered(program, version.uri, any_registry.uri, values, tmp_path, env=env).out
        expected = version.format(**values)
        assert (shown if isinstance(expected, str) else json.loads(shown)) == expected
        compared += 1
        rendered(program, version.uri, any_registry.uri, {**values, "qq": 1}, tmp_path, 65, env)
    settle()
    assert compared == len(contents) - 3
    assert rendered(program, name + "/99", any_registry.uri, {}, tmp_path, 1, env).out == ""


def test_a_part_of_a_job_is_another_job(program, tmp_path):
    """The rest of the job would be pruned by what is written, if it had the same name."""
    job = JobFolder(tmp_path / "job", aliases=["production"])
    job.add("a", "one")
    job.add("b", "two")
    registry = tmp_path / "registry"
    program.run(job.write(), registry)
    flags = ["--registry", f"file:{registry}", "--catalog", "main", "--schema", "tests"]
    part = program("import", *flags, "--select", "a", "--into", tmp_path / "part")
    assert "has prompts that were not selected" in part.err
    written = yaml.safe_load((tmp_path / "part/jobs/tests.yaml").read_text())
    assert written["job"] == "tests" != job.spec["job"]
    same = program("import", *flags, "--select", "a", "--job-name", job.spec["job"], "--into", tmp_path / "same")
    assert "--prune" in same.err
    assert "not selected" not in program("import", *flags, "--into", tmp_path / "whole").err
