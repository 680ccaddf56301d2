"""`python -m mtfix` is `mtfix`."""

from mtfix.cli.main import main

main()
