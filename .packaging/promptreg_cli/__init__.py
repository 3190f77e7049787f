"""promptreg as a Python package: the program itself, found by find_program(), and a task for Databricks jobs."""

from ._databricks import PromptregFailed, task
from ._program import find_program

__all__ = ["PromptregFailed", "find_program", "task"]
