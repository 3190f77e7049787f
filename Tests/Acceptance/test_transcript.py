"""The sessions are compared as they should be: a test that cannot fail proves nothing."""

import textwrap

import pytest
import transcript

DOCUMENT = textwrap.dedent(
    """\
    # A session

    <!-- base: none -->
    ```console
    $ x=1; echo "x is $x"
    x is 1
    $ cat <<END; echo wrong >&2; (exit 3)
    > first $x
    >
    > last
    > END
    first 1

    last
    ! wrong
    [exit 3]
    ```

    Any lines:

    ```console
    $ seq 5; printf end
    1
    ...
    end[no newline]
    ```
    """
)


def session(document, workspace):
    commands = [command for block in transcript.blocks(document) for command in block.commands()]
    results = workspace.session(commands)
    return [
        transcript.difference(command.expected, result.lines(workspace.replace), command)
        for command, result in zip(commands, results, strict=True)
    ]


def test_a_session_that_is_as_written(workspace):
    assert session(DOCUMENT, workspace) == ["", "", ""]
    assert transcript.blocks(DOCUMENT)[0].marks == ["base: none"]
    assert transcript.blocks(DOCUMENT)[1].marks == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x is 1", "x is 2"),
        ("! wrong", "wrong"),
        ("[exit 3]", "[exit 4]"),
        ("[exit 3]\n", ""),
        ("last\n! ", "last\nmore\n! "),
        ("end[no newline]", "end"),
        ("1\n...", "2\n..."),
    ],
)
def test_a_session_that_is_not(workspace, old, new):
    assert DOCUMENT.count(old) == 1
    assert len([text for text in session(DOCUMENT.replace(old, new), workspace) if text]) == 1


def test_a_shell_that_ends_early_is_no_success(workspace):
    with pytest.raises(AssertionError, match="the shell ended at line 2"):
        session("```console\n$ exit 0\n$ echo\n\n```", workspace)


def test_outputs_are_written_back(workspace):
    found = transcript.blocks(DOCUMENT)
    shown = [(block, [(command, command.expected) for command in block.commands()]) for block in found]
    assert transcript.rewritten(DOCUMENT, shown) == DOCUMENT
    shown[0][1][0] = (shown[0][1][0][0], ["x is 2"])
    assert transcript.rewritten(DOCUMENT, shown) == DOCUMENT.replace("x is 1", "x is 2")


def test_what_differs_from_run_to_run_is_replaced(workspace):
    text = f'{workspace.folder}/a 12 ms 1.5 s 3 sets "elapsed_ms" : 41 '
    text += "0123456789" * 4 + " 2026-11-21T10:11:12.123Z"
    expected = '$DIR/a [ms] [ms] 3 sets "elapsed_ms" : [ms] [commit] [time]'
    assert workspace.replace(text) == expected
