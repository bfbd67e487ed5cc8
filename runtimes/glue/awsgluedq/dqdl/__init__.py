"""The Data Quality Definition Language: parsed (`ruleset`), measured in one pass where possible (`evaluation`)."""
