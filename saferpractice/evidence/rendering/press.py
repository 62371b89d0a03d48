"""A program that makes one PDF and ends: ``workshop`` starts it. It knows Typst and nothing else of the product.

Standard input has lines: the folder of the template, the moment in seconds of 1970, then a name and its JSON text, in
turns. The PDF goes to standard output; what is wrong to standard error, with exit code 1. A complaint is wrong too.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import typst

STANDARDS: list[typst.PDFStandard] = ["ua-1", "a-3a"]


def main() -> int:
    """Read, typeset, write."""
    lines = _lines()
    folder, seconds = Path(next(lines)), int(next(lines))
    ready = compiler(folder, dict(zip(lines, lines, strict=True)))  # it has its own copy, and ours is gone at once
    warnings.simplefilter("ignore")
    try:
        made, complaints = ready.compile_with_warnings(format="pdf", pdf_standards=STANDARDS, timestamp=seconds)
    except typst.TypstError as error:
        return _refused([error.message])
    if complaints or not isinstance(made, bytes):
        return _refused([one.message for one in complaints])
    sys.stdout.buffer.write(made)
    return 0


def _lines() -> Iterator[str]:
    """Of standard input, each when it is asked for."""
    for line in sys.stdin.buffer:
        yield line.decode().removesuffix("\n")


def _refused(complaints: list[str]) -> int:
    print("; ".join(one.replace("\n", " ") for one in complaints) or "no file", file=sys.stderr)
    return 1


def compiler(folder: Path, inputs: dict[str, str]) -> typst.Compiler:
    """With the fonts beside the template and those within Typst: none of the machine, and no packages."""
    return typst.Compiler(
        input=folder / "pack.typ",
        root=folder,
        font_paths=[folder / "fonts"],
        ignore_system_fonts=True,
        sys_inputs=inputs,
        package_path=folder / "none",
        package_cache_path=folder / "none",
    )


if __name__ == "__main__":
    sys.exit(main())
