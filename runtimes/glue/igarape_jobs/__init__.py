"""Runs Glue scripts: the process around a script, and the reader and writer that every script's data passes through."""
