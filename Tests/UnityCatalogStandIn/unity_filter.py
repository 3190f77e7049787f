"""The filters of searches for prompts, as MLflow's client hands them on."""

import re
from collections.abc import Mapping

CLAUSE = re.compile(
    r"(?:name|tags?\.(?:`(?P<quoted>[^`]+)`|(?P<key>\w+)))\s*(?P<comparator>=|I?LIKE)\s*'(?P<value>[^']*)'",
    re.IGNORECASE,
)
AND = re.compile(r"\s+AND\s+", re.IGNORECASE)


class Filter:
    """What names and tags have to be, all of it."""

    def __init__(self, text: str):
        self.clauses = []
        position = 0
        text = text.strip()
        while clause := CLAUSE.match(text, position):
            key = clause["quoted"] or clause["key"]
            self.clauses.append((key, pattern(clause["comparator"].upper(), clause["value"])))
            position = clause.end()
            if position == len(text):
                return
            joint = AND.match(text, position)
            position = joint.end() if joint else len(text)
        if text:
            raise ValueError(f"Invalid filter '{text}'.")

    def matches(self, name: str, tags: Mapping[str, str]) -> bool:
        """Whether a prompt is meant: its own name, without catalog and schema, and its tags."""
        values = [(name if key is None else tags.get(key), wanted) for key, wanted in self.clauses]
        return all(value is not None and wanted.fullmatch(value) for value, wanted in values)


def pattern(comparator: str, value: str) -> re.Pattern:
    """What a value is compared with."""
    if comparator == "=":
        return re.compile(re.escape(value))
    wild = "".join({"%": ".*", "_": "."}.get(each, re.escape(each)) for each in value)
    return re.compile(wild, re.DOTALL | (re.IGNORECASE if comparator == "ILIKE" else 0))
