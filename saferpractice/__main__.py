"""Run Safer Practice from the command line: ``python -m saferpractice COMMAND``."""

import os
import sys

from saferpractice.jobs import processes


def main() -> None:
    """Hand the arguments to Django with this project's settings; ``verify`` needs neither."""
    if sys.argv[1:2] == ["verify"]:
        from saferpractice.trail import check_pack

        raise SystemExit(check_pack.main(sys.argv[2:]))
    processes.obey_environment()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saferpractice.config.settings")
    from django.core.management import execute_from_command_line

    command = [word.replace("-", "_") if not word.startswith("-") else word for word in sys.argv[1:2]]
    execute_from_command_line(["saferpractice", *command, *sys.argv[2:]])


if __name__ == "__main__":
    main()
