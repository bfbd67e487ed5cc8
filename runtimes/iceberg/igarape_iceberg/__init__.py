"""Apache Iceberg's tables by pyiceberg: it plans, describes and stages; the server reads its files and commits them."""
