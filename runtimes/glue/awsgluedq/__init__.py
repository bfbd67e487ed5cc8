"""AWS Glue Data Quality for job scripts: rulesets of DQDL over a DynamicFrame, from AWS's public documentation."""
