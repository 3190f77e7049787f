"""python -m promptreg_cli is promptreg."""

import os
import sys

from ._program import find_program

if __name__ == "__main__":
    program = find_program()
    os.execv(program, ["promptreg", *sys.argv[1:]])
