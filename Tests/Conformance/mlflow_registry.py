"""A `file:` registry as the real MLflow sees it, through its own client only."""

import os
import threading
from pathlib import Path

# MLflow reads these when it is imported.
os.environ.update(
    MLFLOW_ALLOW_FILE_STORE="true",
    MLFLOW_DISABLE_TELEMETRY="true",
    # Promptreg changes registries behind the client's back, so that nothing may be remembered.
    MLFLOW_ALIAS_PROMPT_CACHE_TTL_SECONDS="0",
    MLFLOW_VERSION_PROMPT_CACHE_TTL_SECONDS="0",
    GIT_PYTHON_REFRESH="quiet",
)
for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI", "GITHUB_STEP_SUMMARY", "GITHUB_ACTIONS"):
    os.environ.pop(name, None)

import mlflow  # noqa: E402
from mlflow import MlflowClient  # noqa: E402

IS_PROMPT = "mlflow.prompt.is_prompt"
EXPERIMENT_IDS = "_mlflow_experiment_ids"


def use_mlflow(tracking: str, registry: str) -> None:
    """Lets MLflow's own client work on a registry."""
    mlflow.set_tracking_uri(tracking)
    mlflow.set_registry_uri(registry)
    # MLflow hands its addresses on to what is started from here, and the program under test reads them.
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):
        os.environ.pop(name, None)


class MLflowRegistry:
    """MLflow's client on one registry; `mlflow.genai` works on the same one from here on."""

    def __init__(self, uri: str | Path):
        self.uri = uri if isinstance(uri, str) else f"file:{uri}"
        # The file store asks the global tracking store as well, whatever client it is called through.
        use_mlflow(self.uri, self.uri)
        self.client = MlflowClient(tracking_uri=self.uri, registry_uri=self.uri)

    def names(self, filter_string: str | None = None) -> set[str]:
        """The prompts that a search finds."""
        return {prompt.name for prompt in self._all(self.client.search_prompts, filter_string)}

    def snapshot(self) -> dict[str, dict]:
        """All that MLflow knows of all prompts, times left out.

        Every prompt is listed, searched for, and loaded by each version, each alias and `@latest`; what these
        ways say of one version has to be the same.
        """
        numbers: dict[str, list[int]] = {}
        for version in self._all(self.client.search_model_versions, f"tags.`{IS_PROMPT}` = 'true'"):
            numbers.setdefault(version.name, []).append(int(version.version))
        prompts = self._all(self.client.search_prompts)
        assert set(numbers) <= {prompt.name for prompt in prompts}
        return {prompt.name: self._prompt(prompt, numbers.get(prompt.name, [])) for prompt in prompts}

    def loaded(self) -> dict[str, dict[str, dict]]:
        """Every prompt as a search finds it, loaded by `latest` and by each of its aliases."""
        models = self._all(self.client.search_registered_models, f"tags.`{IS_PROMPT}` = 'true'")
        assert {model.name for model in models} == self.names()
        return {
            model.name: {
                alias: describe(self.client.get_prompt_version_by_alias(model.name, alias))
                for alias in ["latest", *model.aliases]
            }
            for model in models
        }

    @staticmethod
    def _all(search, filter_string: str | None = None) -> list:
        """What a search finds, page after page."""
        found, token = [], None
        while True:
            page = search(filter_string, max_results=1000, page_token=token)
            found += page
            token = page.token
            if not token:
                return found

    def _prompt(self, prompt, numbers: list[int]) -> dict:
        name = prompt.name
        versions = {number: describe(self.client.get_prompt_version(name, number)) for number in numbers}
        aliases = {alias: number for number, version in versions.items() for alias in version["aliases"]}
        for alias, number in aliases.items():
            assert describe(self.client.get_prompt_version_by_alias(name, alias)) == versions[number]
        if versions:
            newest = self.client.get_prompt_version_by_alias(name, "latest")
            assert describe(newest) == versions[max(versions)]
        return {
            "description": prompt.description,
            "tags": dict(prompt.tags),
            "aliases": aliases,
            "versions": versions,
        }


def describe(version) -> dict:
    """A version as plain data, its times left out."""
    return {
        "version": version.version,
        "template": version.template,
        "is_text": version.is_text_prompt,
        "tags": {key: value for key, value in version.tags.items()},
        "aliases": sorted(version.aliases),
        "model_config": version.model_config,
        "response_format": version.response_format,
        "commit_message": version.commit_message,
    }


def settle() -> None:
    """Waits for what MLflow does in the background after a load: it notes the current experiment."""
    for thread in threading.enumerate():
        if thread.name.startswith("link_prompt_to_experiment_thread"):
            thread.join()
