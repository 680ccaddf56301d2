"""The package version, for fingerprints and `--version`."""

__version__ = "0.1.0"
