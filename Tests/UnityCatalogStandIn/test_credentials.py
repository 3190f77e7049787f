"""What promptreg's tests hold to be the Databricks SDK's choice of credentials is what the SDK chooses."""

import json
from dataclasses import asdict
from pathlib import Path

from credential_rows import ROWS, choice

TABLE = Path(__file__).parent / "credentials.json"


def test_the_table_is_the_sdks(tmp_path, updates_expected_output):
    table = []
    for index, row in enumerate(ROWS):
        home = tmp_path / str(index)
        home.mkdir()
        table.append(asdict(row) | {"sdk": choice(row, home)})
    text = json.dumps(table, indent=1, ensure_ascii=False) + "\n"
    if updates_expected_output:
        TABLE.write_text(text)
    assert len({row.name for row in ROWS}) == len(ROWS) >= 60
    assert text == TABLE.read_text(), "run this with PROMPTREG_UPDATE=1, and read the difference"
