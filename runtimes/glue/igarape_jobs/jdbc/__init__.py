"""Databases by their JDBC addresses, spoken to by drivers of Python: PostgreSQL and MySQL."""
