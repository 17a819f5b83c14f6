"""``gatescope``, also as ``python -m viz_app``: the command line, or what to install for it."""

import sys


def main() -> None:
    """Run the command line; where its libraries are missing, say in one line what brings them."""
    try:
        from viz_app.commands.main import main as run
    except ModuleNotFoundError as error:
        from gatescope.extras import missing  # slow, as torch is

        told = missing(error)
        if told is None:
            raise
        sys.stderr.write(f"gatescope: {told}\n")
        sys.exit(2)
    run()


if __name__ == "__main__":
    main()
