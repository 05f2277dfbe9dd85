"""The recipe that makes `models/`: `python -m reviewkit.training --help`."""
