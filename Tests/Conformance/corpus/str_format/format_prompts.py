"""Fills the prompts in."""


def test_prompt(name, **values):
    return open(f"prompts/{name}.txt").read().format(**values)
